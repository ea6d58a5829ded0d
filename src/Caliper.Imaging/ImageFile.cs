namespace Caliper.Imaging;

/// <summary>An image on disk.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">What to call it: its path within the data, with <c>/</c> on every system.</param>
/// <param name="Label">Its class index, or null where the data has no labels.</param>
internal sealed record ImageFile(string Path, string Name, int? Label);
