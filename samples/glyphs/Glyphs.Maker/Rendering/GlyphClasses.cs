namespace Glyphs.Rendering;

/// <summary>The 36 classes, in the order of the labels and of the rows of a sheet.</summary>
internal static class GlyphClasses
{
    /// <summary>Class 0 is the digit 0, class 10 the letter A, class 35 the letter Z.</summary>
    public const string Characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Number of classes.</summary>
    public const int Count = 36;
}
