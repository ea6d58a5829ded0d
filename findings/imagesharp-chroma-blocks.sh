#!/usr/bin/env bash
# Subject   ImageSharp 2.1.13 (NuGet) reading baseline JPEG with halved chroma (4:2:0), beside SkiaSharp 4.155.0 (libjpeg-turbo) and
#           StbImageSharp 2.30.16
# Input     squares of red and blue, 8 pixels wide, written by Skia at quality 95
# Guess     decoders differ by a level or two: the inverse transforms round differently, and everybody smooths the chroma on the way up
# Seen      Skia and stb agree within 2 levels. ImageSharp repeats each chroma sample over 2x2 pixels instead of smoothing, and is up to 73 levels
#           away on the borders of colours. With full chroma (4:4:4) it is as near as the others.
# Matters   the training side almost always read with libjpeg. A first layer answers to edges most; the calibration set here has
#           other edges than the training set, and a comparison of accuracy blames it on int8.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package SkiaSharp@4.155.0
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@4.155.0
#:package SixLabors.ImageSharp@2.1.13
#:package StbImageSharp@2.30.16
#:property PublishAot=false
#:property NoWarn=NU1901;NU1902;NU1903;NU1904
using SixLabors.ImageSharp.PixelFormats;
using SkiaSharp;

const int Side = 64;
using var picture = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
for (var y = 0; y < Side; y++)
    for (var x = 0; x < Side; x++)
        picture.SetPixel(x, y, (x / 8 + y / 8) % 2 == 0 ? new SKColor(220, 40, 40) : new SKColor(30, 60, 200));

var halved = Compare("4:2:0", SKJpegEncoderDownsample.Downsample420);
var full = Compare("4:4:4", SKJpegEncoderDownsample.Downsample444);
var holds = halved.Stb <= 3 && halved.ImageSharp > 40 && full.Stb <= 3 && full.ImageSharp <= 3;
Console.WriteLine(holds ? "holds: ImageSharp 2 repeats halved chroma where other decoders smooth it" : "changed");
return holds ? 0 : 1;

(int Stb, int ImageSharp) Compare(string name, SKJpegEncoderDownsample chroma)
{
    using var pixels = picture.PeekPixels();
    var file = pixels.Encode(new SKJpegEncoderOptions(95, chroma, SKJpegEncoderAlphaOption.Ignore))!.ToArray();
    using var decoded = SKBitmap.Decode(file);
    byte[] skia = [.. decoded.Pixels.SelectMany(p => new[] { p.Red, p.Green, p.Blue })];
    var stb = StbImageSharp.ImageResult.FromMemory(file, StbImageSharp.ColorComponents.RedGreenBlue).Data;
    using var image = SixLabors.ImageSharp.Image.Load<Rgb24>(file);
    var sharp = new byte[Side * Side * 3];
    image.CopyPixelDataTo(sharp);
    Console.WriteLine(FormattableString.Invariant($"{name}: stb {Far(skia, stb)}; ImageSharp {Far(skia, sharp)} (worst, mean difference to Skia)"));
    return (Worst(skia, stb), Worst(skia, sharp));
}

static int Worst(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
static string Far(byte[] a, byte[] b) => FormattableString.Invariant($"{Worst(a, b)}, {a.Zip(b, (x, y) => Math.Abs(x - y)).Average():F2}");
CS
dotnet run try.cs
