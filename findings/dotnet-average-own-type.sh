#!/usr/bin/env bash
# Subject   TensorPrimitives.Average of System.Numerics.Tensors 11.0.0 (.NET)
# Input     64 bytes of 200; 20 million floats of 0.1
# Guess     an average lies between the smallest and the largest value; a sum is kept wide enough (NumPy and PyTorch take float64 or pairs)
# Seen      both sums are kept in the type of the elements. The bytes' average is 0 (two of them: 72). The floats' is 1 to 5 % off, up
#           or down as the processor's vectors are wide (0.1011 with 512 bits, 0.0957 with 128): the larger a sum, the coarser its last bit.
# Matters   the mean of a picture and the mean of a tensor over a calibration set are the numbers that normalization and bias correction rest on.
#           The float result looks plausible; an offset of 1 % of the mean is several levels in a tensor far from zero.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package System.Numerics.Tensors@11.0.0
#:property PublishAot=false
using System.Globalization;
using System.Numerics.Tensors;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var bytes = new byte[64];
Array.Fill(bytes, (byte)200);
int two = TensorPrimitives.Average<byte>(bytes.AsSpan(0, 2)), all = TensorPrimitives.Average<byte>(bytes);
Console.WriteLine($"average of 2 bytes of 200: {two}; of 64: {all}");

var floats = new float[20_000_000];
Array.Fill(floats, 0.1f);
var average = TensorPrimitives.Average<float>(floats);
Console.WriteLine($"average of {floats.Length} floats of 0.1: {average:F6}; summed in double: {floats.Sum(v => (double)v) / floats.Length:F6}");

var holds = two == 72 && all == 0 && Math.Abs(average - 0.1f) > 5e-4f;
Console.WriteLine(holds ? "holds: Average adds up in the type of the elements" : "changed");
return holds ? 0 : 1;
CS
dotnet run try.cs
