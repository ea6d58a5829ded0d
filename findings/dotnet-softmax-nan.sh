#!/usr/bin/env bash
# Subject   TensorPrimitives.SoftMax of System.Numerics.Tensors 11.0.0 (.NET)
# Input     two finite float logits
# Guess     the largest logit is subtracted first, as in every softmax of this field: the result depends on differences only
# Seen      it is not. From 89 on exp overflows and the answer is NaN; below -104 every exp is 0 and the answer is NaN as well. Adding the same
#           number to both logits turns a right answer into NaN.
# Matters   it is the softmax at hand in .NET for what comes after a network. One logit of 89 is enough, and nothing about a trained
#           network keeps logits below that; a calibration set may well contain none, and a user's input one.
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
var holds = true;
(float, float, bool)[] pairs = [(2, 1, false), (88, 87, false), (89, 88, true), (1000, 999, true), (-99, -100, false), (-104, -105, true)];
foreach (var (a, b, lost) in pairs)
{
    var result = new float[2];
    TensorPrimitives.SoftMax<float>([a, b], result);
    Console.WriteLine($"softmax({a}, {b}) = {result[0]:F3}, {result[1]:F3}");
    holds &= lost ? float.IsNaN(result[0]) : Math.Abs(result[0] - 0.731f) < 0.05f;
}

Console.WriteLine(holds ? "holds: SoftMax does not subtract the largest logit" : "changed");
return holds ? 0 : 1;
CS
dotnet run try.cs
