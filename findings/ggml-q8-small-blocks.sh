#!/usr/bin/env bash
# Subject   ggml's formats Q8_0 and Q4_0 (the library inside Whisper.net.Runtime 1.9.1; the formats of GGUF files)
# Input     a block of 32 weights between -a and a, for a = 1 down to 1e-6
# Guess     Q8_0 keeps each weight to a/254, whatever a is: a scale a block is there to make a block's size irrelevant. Eight bits beat four
# Seen      the scale is a 16-bit float, whose steps end at 6e-8, and Q8_0's scale is a/127. At a = 1e-4 the error is five times the expected
#           one, at 1e-5 a quarter of the largest weight, at 5e-6 half of it; at 1e-6 the block is zero. Q4_0 divides by 8 only, so that
#           its scale lasts sixteen times longer: from a = 1e-5 down four bits are more exact than eight.
# Matters   the block scale hides nothing: weights below 1e-4 (a layer before a large gain, the tail of a pruned one) want scaling first.
#           Who compares formats on weights near 1 will not see it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package Whisper.net.Runtime@1.9.1
#:property PublishAot=false
#:property AllowUnsafeBlocks=true
using System.Globalization;
using System.Runtime.InteropServices;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var holds = true;
foreach (var a in new[] { 1, 1e-2f, 1e-3f, 1e-4f, 1e-5f, 5e-6f, 1e-6f })
{
    var random = new Random(1);
    float[] block = [a, .. Enumerable.Range(0, 31).Select(_ => a * (2 * random.NextSingle() - 1))];
    double eight = Worst(Ggml.Q8), four = Worst(Ggml.Q4);
    Console.WriteLine($"a = {a,7}: worst error Q8_0 {eight,7:P1} of a, Q4_0 {four,7:P1} of a");
    holds &= a >= 1e-2f ? eight < 0.006 && four > 0.05 : a > 2e-5f || (eight > 0.2 && four < 0.15);

    double Worst(int type) => block.Zip(Ggml.Through(type, block), (x, y) => Math.Abs(x - y)).Max() / a;
}

Console.WriteLine(holds ? "holds: for small weights Q8_0 is worse than Q4_0" : "changed");
return holds ? 0 : 1;

// what is left of a block of 32 numbers after ggml has quantized and dequantized it
static unsafe class Ggml
{
    public const int Q4 = 2, Q8 = 8;

    static readonly nint library = NativeLibrary.Load(
        Directory.GetFiles(AppContext.BaseDirectory, "libggml-base-whisper.so", SearchOption.AllDirectories)[0]);

    static nint Function(string name) => NativeLibrary.GetExport(library, name);

    public static float[] Through(int type, float[] block)
    {
        var quantize = (delegate* unmanaged<int, float*, void*, long, long, long, float*, nuint>)Function("ggml_quantize_chunk");
        var back = (delegate* unmanaged<void*, float*, long, void>)Function(type == Q8 ? "dequantize_row_q8_0" : "dequantize_row_q4_0");
        var result = new float[block.Length];
        var bytes = stackalloc byte[256];
        fixed (float* from = block, to = result)
        {
            quantize(type, from, bytes, 0, 1, block.Length, null);
            back(bytes, to, block.Length);
        }

        return result;
    }
}
CS
dotnet run try.cs
