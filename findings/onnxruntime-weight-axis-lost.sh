#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, default session options
# Input     int8 weights with several scales (DequantizeLinear): a MatMul [4, 4] and a Gemm with one scale a row of the product's inner dimension,
#           a 1x1 Conv [4, 4, 1, 1] with one scale an input channel, a MatMul with one scale a block (block_size=32). The standard allows any axis.
# Guess     the fused integer kernels can only have one scale an output channel, so the optimizer leaves these nodes in float:
#           same answer with and without optimization
# Seen      they are fused all the same, and the rows' scales are applied to columns: the answers have nothing to do with the model's, and there
#           is no error and no warning. Only where the two dimensions differ is there an error, when the session runs; so for blocks.
# Matters   a weight scale along the input dimension is what a smoothing step folded into weights leaves behind, and what a transposed export
#           makes out of a correct file. Square layers are common. Every check that reads the file finds it right.
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

const long Float = 1, U8 = 2, S8 = 3;
var random = new Random(1);
var weights = new sbyte[64 * 4];
for (var i = 0; i < weights.Length; i++) weights[i] = (sbyte)random.Next(-100, 100);
float[] scales = [0.001f, 0.01f, 0.1f, 0.03f];

var rows = Both("MatMul, one scale a row", Network("MatMul", 0, [4, 4], [4], 0), [4, 4]);
var columns = Both("MatMul, one scale a column", Network("MatMul", 1, [4, 4], [4], 0), [4, 4]);
var tall = Both("MatMul of 8 x 4, one scale a row", Network("MatMul", 0, [8, 4], [8], 0), [4, 8]);
var gemm = Both("Gemm, one scale a row", Network("Gemm", 0, [4, 4], [4], 0), [4, 4]);
var inputs = Both("Conv, one scale an input channel", Network("Conv", 1, [4, 4, 1, 1], [4], 0), [1, 4, 2, 2]);
var outputs = Both("Conv, one scale an output channel", Network("Conv", 0, [4, 4, 1, 1], [4], 0), [1, 4, 2, 2]);
var blocks = Both("MatMul, one scale a block of 32", Network("MatMul", 0, [64, 4], [2, 4], 32), [4, 64]);

var holds = columns.Worst <= 1 && outputs.Worst <= 1 && rows.Worst > 20 && gemm.Worst > 20
    && inputs.Worst > 20 && tall.Error != "" && blocks.Error != "";
Console.WriteLine(holds ? "holds: the fused kernels ignore along which axis a weight's scales run" : "changed");
return holds ? 0 : 1;

// uint8 activations (scale 0.02, zero point 128) x int8 weights -> uint8 (scale 0.05, zero point 128); the output is in levels
byte[] Network(string op, long axis, long[] shape, long[] scaleShape, long block)
{
    var x = op == "Conv" ? new long[] { 1, 4, 2, 2 } : [4, shape[0]];
    var y = op == "Conv" ? new long[] { 1, 4, 2, 2 } : [4, shape[1]];
    var used = weights.AsSpan(0, (int)shape.Aggregate(1L, (a, b) => a * b));
    var used2 = Enumerable.Range(0, (int)scaleShape.Aggregate(1L, (a, b) => a * b)).Select(i => scales[i % 4]).ToArray();
    byte[] axisOf = M((1, "axis"), (3, axis), (20, 2L)), blockOf = M((1, "block_size"), (3, block), (20, 2L));
    return M((1, 10L), (8, M((2, 21L))), (7, M(
        (1, Node("QuantizeLinear", ["x", "sx", "z"], "q")), (1, Node("DequantizeLinear", ["q", "sx", "z"], "d")),
        (1, Node("DequantizeLinear", ["w", "sw", "zw"], "dw", block > 0 ? [axisOf, blockOf] : [axisOf])),
        (1, Node(op, ["d", "dw"], "p")), (1, Node("QuantizeLinear", ["p", "sy", "z"], "y")), (2, "g"),
        (5, Tensor("w", S8, shape, MemoryMarshal.AsBytes(used))), (5, Tensor("sw", Float, scaleShape, MemoryMarshal.AsBytes(used2.AsSpan()))),
        (5, Tensor("sx", Float, [], BitConverter.GetBytes(0.02f))), (5, Tensor("sy", Float, [], BitConverter.GetBytes(0.05f))),
        (5, Tensor("z", U8, [], [128])), (5, Tensor("zw", S8, scaleShape, new byte[used2.Length])),
        (11, Info("x", Float, x)), (12, Info("y", U8, y)))));
}

(int Worst, string Error) Both(string name, byte[] model, int[] shape)
{
    var values = new float[shape.Aggregate(1, (a, b) => a * b)];
    for (var i = 0; i < values.Length; i++) values[i] = random.NextSingle() * 4 - 2;
    var feed = new DenseTensor<float>(values, shape);
    var plain = Run(model, feed, GraphOptimizationLevel.ORT_DISABLE_ALL);
    Console.WriteLine($"{name}\n  as written  {string.Join(' ', plain.Take(12))}");
    try
    {
        var fused = Run(model, feed, GraphOptimizationLevel.ORT_ENABLE_ALL);
        var worst = plain.Zip(fused, (a, b) => Math.Abs(a - b)).Max();
        Console.WriteLine($"  optimized   {string.Join(' ', fused.Take(12))}\n  worst difference: {worst} of 255 levels");
        return (worst, "");
    }
    catch (OnnxRuntimeException e)
    {
        Console.WriteLine($"  optimized   refused: {(e.Message.Contains("QLinearMatMul") ? "an error in QLinearMatMul" : e.Message)}");
        return (0, e.Message);
    }
}

static byte[] Run(byte[] model, DenseTensor<float> feed, GraphOptimizationLevel level)
{
    using var options = new SessionOptions
    {
        GraphOptimizationLevel = level, IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };
    using var session = new InferenceSession(model, options);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", feed)]);
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
