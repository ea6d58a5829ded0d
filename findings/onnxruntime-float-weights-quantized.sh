#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, from optimization level "basic" on (the default is above it)
# Input     a layer with quantized input and output whose weight is an ordinary float initializer (Conv, Gemm, ConvTranspose, MatMul);
#           the first output's weights are some 1/100, the second's reach 40
# Guess     who leaves a weight in float gets float products: the file says so, and quantizing needs somebody to choose a scale
# Seen      loading the session quantizes the weight of Conv, Gemm and ConvTranspose to int8 with one scale for the whole tensor. The small
#           output is gone: the zero point (128), where float gives 215. MatMul keeps its float weight. ConvTranspose gains nothing by it: it is
#           still computed in float, with the rounded weight.
# Matters   "leave this layer's weight in float" is the usual cure for a layer that int8 spoils. It cures nothing as long as the tensors around
#           the layer are quantized: the runtime quantizes the weight by the plainest of all methods, and no file shows it.
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

const long Float = 1, U8 = 2;
float[] small = [0.01f, 0.02f, -0.03f, 0.015f], large = [40, 3, -5, 1];
float[] perOutput = [.. small, .. large], perInput = [.. small.Zip(large, (a, b) => new[] { a, b }).SelectMany(p => p)];
var holds = true;
foreach (var (op, weight, shape, kept) in new (string, float[], long[], bool)[]
{
    ("Conv", perOutput, [2, 4, 1, 1], false), ("Gemm", perInput, [4, 2], false), ("ConvTranspose", perInput, [4, 2, 1, 1], false),
    ("MatMul", perInput, [4, 2], true),
})
{
    var model = Network(op, weight, shape);
    var written = Run(model, op, GraphOptimizationLevel.ORT_DISABLE_ALL);
    var basic = Run(model, op, GraphOptimizationLevel.ORT_ENABLE_BASIC);
    var all = Run(model, op, GraphOptimizationLevel.ORT_ENABLE_ALL);
    Console.WriteLine($"{op,-13} as written {string.Join(' ', written)}, basic {string.Join(' ', basic)}, all {string.Join(' ', all)}");
    holds &= written[0] == 215 && all[0] == (kept ? 215 : 128) && basic[0] == all[0];
}
Console.WriteLine(holds ? "holds: the session rounds float weights to int8, one scale a tensor, where input and output are quantized" : "changed");
return holds ? 0 : 1;

static byte[] Network(string op, float[] weight, long[] shape)
{
    long[] x = shape.Length == 4 ? [1, 4, 1, 1] : [1, 4], y = shape.Length == 4 ? [1, 2, 1, 1] : [1, 2];
    return M((1, 10L), (8, M((2, 21L))), (7, M(
        (1, Node("QuantizeLinear", ["x", "sx", "z"], "q")), (1, Node("DequantizeLinear", ["q", "sx", "z"], "d")),
        (1, Node(op, ["d", "w"], "p")), (1, Node("QuantizeLinear", ["p", "sy", "z"], "y")), (2, "g"),
        (5, Tensor("w", Float, shape, MemoryMarshal.AsBytes(weight.AsSpan()))), (5, Tensor("z", U8, [], [128])),
        (5, Tensor("sx", Float, [], BitConverter.GetBytes(0.02f))), (5, Tensor("sy", Float, [], BitConverter.GetBytes(0.001f))),
        (11, Info("x", Float, x)), (12, Info("y", U8, y)))));
}

static byte[] Run(byte[] model, string op, GraphOptimizationLevel level)
{
    using var options = new SessionOptions { GraphOptimizationLevel = level, IntraOpNumThreads = 1 };
    using var session = new InferenceSession(model, options);
    var x = new DenseTensor<float>(new[] { 1, 2, -1, 0.5f }, op.StartsWith("Conv") ? [1, 4, 1, 1] : [1, 4]);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", x)]);
    return [.. results[0].AsTensor<byte>()];
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
