namespace Caliper.Imaging;

/// <summary>
/// Takes the transparent colour out of a GIF's first picture. Pillow's <c>convert("RGB")</c> gives such pixels the colour that the
/// palette has for them, but the decoder makes them black: without the flag it reads the palette, too.
/// </summary>
internal static class GifTransparency
{
    private const int ScreenBytes = 13;
    private const byte Extension = 0x21, Control = 0xF9, HasPalette = 0x80, HasTransparency = 1;

    /// <summary>Changes a file in place; what is no GIF, or ends early, is left to the decoder.</summary>
    public static void Remove(Span<byte> file)
    {
        if (file.Length < ScreenBytes || !file.StartsWith("GIF8"u8)) return;
        var at = ScreenBytes + ((file[10] & HasPalette) == 0 ? 0 : 3 << ((file[10] & 7) + 1));
        // Extensions come before the picture that they are about; all that follows the first picture does not matter.
        while (at + 3 < file.Length && file[at] == Extension)
        {
            if (file[at + 1] == Control && file[at + 2] > 0) file[at + 3] &= unchecked((byte)~HasTransparency);
            at += 2;
            while (at < file.Length && file[at] > 0) at += file[at] + 1;
            at++;
        }
    }
}
