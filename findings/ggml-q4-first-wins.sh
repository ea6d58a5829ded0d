#!/usr/bin/env bash
# Subject   ggml's format Q4_0 (the library inside Whisper.net.Runtime 1.9.1; a format of GGUF files)
# Input     a block of 32 weights that holds 1 and -1, the rest smaller; the same block with the two exchanged
# Guess     a format without a zero point treats signs alike: either both ends are exact (levels -7..7) or the positive end is cut (-8..7)
# Seen      the scale takes its sign from the first weight of the largest magnitude: that one is exact, its opposite comes back at 7/8. So
#           the order of the weights decides which end is cut: 1, -1 gives 1, -0.875, and -1, 1 gives -1, 0.875.
# Matters   permuting a layer's input channels, or negating a channel and its consumer, changes nothing in float and should change nothing but
#           signs in int4. Here both change the quantized network; a comparison of two exports of one network can differ by an eighth.
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
float[] rest = [.. Enumerable.Range(0, 30).Select(i => (i - 15) / 20f)];
var first = Ggml.Through(Ggml.Q4, [1, -1, .. rest]);
var second = Ggml.Through(Ggml.Q4, [-1, 1, .. rest]);
var moved = first.Skip(2).Zip(second.Skip(2), (a, b) => a != b ? 1 : 0).Sum();
Console.WriteLine($"1, -1 -> {first[0]}, {first[1]}\n-1, 1 -> {second[0]}, {second[1]}\nof the 30 other weights, the same in both, {moved} differ");
var holds = first[0] == 1 && first[1] == -0.875f && second[0] == -1 && second[1] == 0.875f;
Console.WriteLine(holds ? "holds: the order of the weights decides which sign Q4_0 cuts" : "changed");
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
