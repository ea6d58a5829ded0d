// Draws the pictures of docs/. Every number in them comes from the sample network of samples/glyphs, run through the library.
//
//     dotnet run -c Release --project samples/Pictures docs/pictures
using Pictures;
using Pictures.Plotting;

if (args is not [var folder])
{
    Console.Error.WriteLine("Give the folder that the pictures go to: docs/pictures");
    return 2;
}

using var sample = new GlyphSample();
Directory.CreateDirectory(folder);
foreach (var (name, draw) in new (string, Func<GlyphSample, Drawing>)[]
{
    ("affine-map", AffineMapPicture.Draw),
    ("exact-zero", ExactZeroPicture.Draw),
    ("ranges", RangesPicture.Draw),
    ("channels", ChannelsPicture.Draw),
    ("fusing", FusingPicture.Draw),
    ("integer-layer", IntegerLayerPicture.Draw),
    ("calibration", CalibrationPicture.Draw),
})
{
    draw(sample).Save(Path.Combine(folder, name + ".svg"));
    Console.WriteLine($"{name}.svg");
}
return 0;
