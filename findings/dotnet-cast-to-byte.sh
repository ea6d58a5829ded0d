#!/usr/bin/env bash
# Subject   C# casts from float to byte and sbyte, .NET 10
# Input     finite numbers just outside the byte's range, and far outside it
# Guess     since .NET 9 a cast from floating point to an integer saturates on every processor, so (byte)300f is 255
# Seen      int, uint, long do saturate. byte, sbyte, short and ushort go through a saturated int whose high bits are then cut: 300 becomes 44,
#           256 becomes 0, -1 becomes 255; and yet 1e10 becomes 255 and -1e10 becomes 0. So a test with a huge outlier passes and one level
#           too much wraps. As sbyte, 1e10 becomes -1. byte.CreateTruncating(300f), whose name promises a cut, saturates to 255.
# Matters   (byte)MathF.Round(x / scale + zeroPoint) is the first line that anybody writes to quantize. It wraps a value that is one level above
#           the range (white turns black), and the check with float.MaxValue that should have found it is fine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package System.Numerics.Tensors@10.0.0
#:property PublishAot=false
using System.Globalization;
using System.Numerics.Tensors;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
float[] values = [255.9f, 256, 300, -1, -200, 1e10f, -1e10f, float.MaxValue, float.NaN];
var vector = new byte[values.Length];
TensorPrimitives.ConvertTruncating<float, byte>(values, vector);
var holds = true;
for (var i = 0; i < values.Length; i++)
{
    var x = values[i];
    int cast = (byte)x, signed = (sbyte)x, truncating = byte.CreateTruncating(x), saturating = byte.CreateSaturating(x);
    Console.WriteLine($"{x,13}: (byte) {cast,3}   (sbyte) {signed,4}   (int) {(int)x,11}   CreateTruncating {truncating,3}   "
        + $"ConvertTruncating {vector[i],3}   CreateSaturating {saturating,3}");
    holds &= cast == (unchecked((byte)(int)x)) && truncating == saturating && vector[i] == saturating;
}

holds &= (byte)values[2] == 44 && (byte)values[1] == 0 && (byte)values[5] == 255 && (int)values[5] == int.MaxValue && (sbyte)values[4] == 56;
Console.WriteLine(holds ? "holds: a cast to byte wraps near the range and saturates far from it" : "changed");
return holds ? 0 : 1;
CS
dotnet run try.cs
