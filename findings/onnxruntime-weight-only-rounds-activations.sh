#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU (x86-64 with AVX2 or newer), default session options
# Input     weight-only quantization as the standard writes it: an int4 weight [64, 8], one scale per 32 rows (DequantizeLinear, axis=0,
#           block_size=32), and MatMul. Activations are float, and no node of the file touches them. One of them is 1000, the others below 1.
# Guess     "weight-only": the weight is rounded, the activations are not; the optimized session equals the plain one to about 1e-6
# Seen      the default session fuses this into MatMulNBits at accuracy level 4, which rounds the activations to int8, one scale a block of 32.
#           Beside the 1000 each of its 31 neighbours is rounded to a multiple of 1000/127: nothing is left of them. One configuration entry,
#           session.qdq_matmulnbits_accuracy_level = 1, brings the float activations back.
# Matters   outlier activations are why people leave activations in float at all. Accuracy measured by a tool that dequantizes the weights
#           (or by this runtime without optimization) is not that of the default session.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package Microsoft.ML.OnnxRuntime@1.31.1
#:property PublishAot=false
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

const long Float = 1, S4 = 22;
const int K = 64, N = 8, Block = 32;
var random = new Random(1);
var packed = new byte[K * N / 2];
random.NextBytes(packed);
for (var i = 0; i < N / 2; i++) packed[i] = 0;                      // the outlier's own row of the weight is zero: it adds nothing itself
var scales = Enumerable.Range(0, K / Block * N).Select(_ => 0.01f + 0.02f * random.NextSingle()).ToArray();
byte[] axis = M((1, "axis"), (3, 0L), (20, 2L)), block = M((1, "block_size"), (3, (long)Block), (20, 2L));
var model = M((1, 10L), (8, M((2, 21L))), (7, M(
    (1, Node("DequantizeLinear", ["w", "s"], "dw", [axis, block])), (1, Node("MatMul", ["x", "dw"], "y")), (2, "g"),
    (5, Tensor("w", S4, [K, N], packed)), (5, Tensor("s", Float, [K / Block, N], MemoryMarshal.AsBytes(scales.AsSpan()))),
    (11, Info("x", Float, [1, K])), (12, Info("y", Float, [1, N])))));

var small = Enumerable.Range(0, Block).Select(_ => random.NextSingle() * 2 - 1).ToArray();
float[] zeros = new float[Block], beside = [1000, .. small.Skip(1), .. zeros], apart = [1000, .. zeros.Skip(1), .. small];
var written = Run(beside, GraphOptimizationLevel.ORT_DISABLE_ALL, "");
var usual = Run(beside, GraphOptimizationLevel.ORT_ENABLE_ALL, "");
var level1 = Run(beside, GraphOptimizationLevel.ORT_ENABLE_ALL, "1");
Console.WriteLine($"in one block with 1000, as written        {Text(written)}\n                        default session   {Text(usual)}");
Console.WriteLine($"                        accuracy level 1  {Text(level1)}");
var writtenApart = Run(apart, GraphOptimizationLevel.ORT_DISABLE_ALL, "");
var usualApart = Run(apart, GraphOptimizationLevel.ORT_ENABLE_ALL, "");
Console.WriteLine($"in the other block,     as written        {Text(writtenApart)}\n                        default session   {Text(usualApart)}");
var holds = written.Max(Math.Abs) > 0.2 && usual.Max(Math.Abs) < 1e-3 && Far(written, level1) < 1e-4
    && Far(writtenApart, usualApart) is > 1e-5f and < 0.02f;
Console.WriteLine(holds ? "holds: the default session rounds the activations of a weight-only model to int8" : "changed");
return holds ? 0 : 1;

static string Text(float[] v) => string.Join(' ', v.Select(f => f.ToString("F4", System.Globalization.CultureInfo.InvariantCulture).PadLeft(8)));

static float Far(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();

float[] Run(float[] x, GraphOptimizationLevel level, string accuracy)
{
    using var options = new SessionOptions { GraphOptimizationLevel = level, IntraOpNumThreads = 1 };
    if (accuracy != "") options.AddSessionConfigEntry("session.qdq_matmulnbits_accuracy_level", accuracy);
    using var session = new InferenceSession(model, options);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(x, [1, K]))]);
    return [.. results[0].AsTensor<float>()];
}

// a few messages of the ONNX format, field numbers as in onnx.proto
static byte[] M(params (int Field, object Value)[] fields)
{
    using var s = new MemoryStream();
    void Varint(ulong v) { for (; v > 127; v >>= 7) s.WriteByte((byte)(v | 128)); s.WriteByte((byte)v); }
    foreach (var (field, value) in fields)
        if (value is long number) { Varint((ulong)field << 3); Varint((ulong)number); }
        else { var b = value as byte[] ?? Encoding.UTF8.GetBytes((string)value); Varint((ulong)field << 3 | 2); Varint((ulong)b.Length); s.Write(b); }
    return s.ToArray();
}
static byte[] Node(string op, string[] inputs, string output, byte[][]? attributes = null) => M([.. inputs.Select(i => (1, (object)i)),
    (2, output), (3, output), (4, op), .. (attributes ?? []).Select(a => (5, (object)a))]);
static byte[] Tensor(string name, long type, long[] shape, ReadOnlySpan<byte> data) => M([.. shape.Select(d => (1, (object)d)),
    (2, type), (8, name), (9, data.ToArray())]);
static byte[] Info(string name, long type, long[] shape) => M((1, name), (2, M((1, M((1, type),
    (2, M([.. shape.Select(d => (1, (object)M((1, d))))])))))));
CS
dotnet run try.cs
