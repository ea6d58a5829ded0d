#!/usr/bin/env bash
# Subject   making grey of colour: OpenCV 4.13 (OpenCvSharp4), Skia (SkiaSharp 4.155.0), ImageSharp 2.1.13, libvips 8.18.7
#           (NetVips; npm's "sharp" is made of it)
# Input     one opaque sRGB colour: pure red, pure green, pure blue
# Guess     0.299, 0.587, 0.114 (76, 150, 29), as in Pillow and nearly every training script; perhaps a level apart
# Seen      three families. OpenCV: 76, 150, 29. Skia and ImageSharp weigh as high-definition television does: 53 or 54, 182, 18.
#           libvips mixes light instead of bytes (it undoes the sRGB curve, mixes, applies it again): 127, 220, 76.
# Matters   a one-channel network (digits, documents, X-rays shown in colour) calibrated through another library than it was trained with sees
#           saturated colours up to 74 levels away, while grey pictures, on which one checks it, come out the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package OpenCvSharp4@4.13.0.20260627
#:package OpenCvSharp4.official.runtime.linux-x64@4.13.0.20260627
#:package SkiaSharp@4.155.0
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@4.155.0
#:package SixLabors.ImageSharp@2.1.13
#:package NetVips@3.2.0
#:package NetVips.Native.linux-x64@8.18.7
#:property PublishAot=false
#:property NoWarn=NU1901;NU1902;NU1903;NU1904
using OpenCvSharp;
using SixLabors.ImageSharp.PixelFormats;
using SkiaSharp;

var holds = true;
foreach (var (name, r, g, b, wanted) in new (string, byte, byte, byte, int[])[]
{
    ("red", 255, 0, 0, [76, 53, 54, 127]), ("green", 0, 255, 0, [150, 182, 182, 220]), ("blue", 0, 0, 255, [29, 18, 18, 76]),
    ("grey 100", 100, 100, 100, [100, 100, 100, 100]),
})
{
    int[] got = [OpenCv(r, g, b), Skia(r, g, b), ImageSharp(r, g, b), Vips(r, g, b)];
    Console.WriteLine($"{name,-9} OpenCV {got[0],3}   Skia {got[1],3}   ImageSharp {got[2],3}   libvips {got[3],3}");
    holds &= got.Zip(wanted, (x, y) => Math.Abs(x - y) <= 1).All(near => near);
}

Console.WriteLine(holds ? "holds: the grey of a colour depends on the library by up to 74 levels" : "changed");
return holds ? 0 : 1;

static int OpenCv(byte r, byte g, byte b)
{
    using var colour = new Mat(4, 4, MatType.CV_8UC3, new Scalar(b, g, r));
    using var grey = new Mat();
    Cv2.CvtColor(colour, grey, ColorConversionCodes.BGR2GRAY);
    return grey.At<byte>(0, 0);
}

static int Skia(byte r, byte g, byte b)
{
    using var colour = new SKBitmap(4, 4, SKColorType.Rgba8888, SKAlphaType.Opaque);
    colour.Erase(new SKColor(r, g, b));
    using var grey = colour.Copy(SKColorType.Gray8);
    return grey.GetPixelSpan()[0];
}

static int ImageSharp(byte r, byte g, byte b)
{
    using var colour = new SixLabors.ImageSharp.Image<Rgb24>(4, 4, new Rgb24(r, g, b));
    using var grey = colour.CloneAs<L8>();
    return grey[0, 0].PackedValue;
}

static int Vips(byte r, byte g, byte b)
{
    using var colour = (NetVips.Image.Black(4, 4) + new double[] { r, g, b }).Cast(NetVips.Enums.BandFormat.Uchar)
        .Copy(interpretation: NetVips.Enums.Interpretation.Srgb);
    using var grey = colour.Colourspace(NetVips.Enums.Interpretation.Bw);
    return (int)grey.Getpoint(0, 0)[0];
}
CS
dotnet run try.cs
