#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, default session options
# Input     a Conv (and a Gemm) with quantized input, int8 weights with one scale an output channel, a float bias and a quantized output. All weights
#           of the first channel are zero, its scale is 2^-23: the least scale that PyTorch's observers propose. Its bias is 5, 6, 10, -10.
# Guess     a channel without weights returns its bias. The bias is float in the file, so nothing can happen to it
# Seen      loading the session rounds the bias to int32 with the scale input x weight, which reaches to 5.12 here, and does not check that. Beyond
#           it the bias becomes the most negative int32, whatever its sign: +6, +10 and -10 all turn into -5.12. No error, no warning.
# Matters   dead channels are common in pruned and depthwise networks, float biases are how PyTorch's flow hands over its layers, and a
#           dead channel's bias is all that it has to say. It answers with the wrong sign, in the optimized session only.
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
const float InputScale = 0.02f, DeadScale = 1f / (1 << 23), OutputScale = 0.1f;
var reach = (double)InputScale * DeadScale * int.MaxValue;
Console.WriteLine(FormattableString.Invariant($"an int32 bias reaches to {reach:F2} here"));
var holds = true;
foreach (var op in new[] { "Conv", "Gemm" })
    foreach (var bias in new[] { 5f, 6, 10, -10 })
    {
        var written = Run(op, bias, GraphOptimizationLevel.ORT_DISABLE_ALL);
        var optimized = Run(op, bias, GraphOptimizationLevel.ORT_ENABLE_ALL);
        Console.WriteLine(FormattableString.Invariant($"{op} bias {bias,3}: as written {Text(written)}, optimized {Text(optimized)}"));
        var wraps = Math.Abs(bias) > reach;
        holds &= written[0] == 128 + bias * 10 && optimized[0] == (wraps ? 77 : written[0]) && optimized[1] == written[1];
    }

Console.WriteLine(holds ? "holds: a float bias beyond an int32 of a tiny scale becomes the most negative one" : "changed");
return holds ? 0 : 1;

static string Text(byte[] levels) => string.Join(", ", levels.Select(v => FormattableString.Invariant($"{(v - 128) * OutputScale,4:F1}")));

static byte[] Network(string op, float bias)
{
    long[] x = op == "Conv" ? [1, 2, 1, 1] : [1, 2], w = op == "Conv" ? [2, 2, 1, 1] : [2, 2];
    float[] scales = [DeadScale, 0.01f], biases = [bias, bias];
    byte[] axis = M((1, "axis"), (3, 0L), (20, 2L)), transB = M((1, "transB"), (3, 1L), (20, 2L));
    return M((1, 10L), (8, M((2, 21L))), (7, M(
        (1, Node("QuantizeLinear", ["x", "sx", "z"], "q")), (1, Node("DequantizeLinear", ["q", "sx", "z"], "d")),
        (1, Node("DequantizeLinear", ["w", "sw"], "dw", [axis])),
        (1, Node(op, ["d", "dw", "b"], "p", op == "Conv" ? [] : [transB])), (1, Node("QuantizeLinear", ["p", "sy", "z"], "y")), (2, "g"),
        (5, Tensor("w", S8, w, [0, 0, 50, 50])), (5, Tensor("sw", Float, [2], MemoryMarshal.AsBytes(scales.AsSpan()))),
        (5, Tensor("b", Float, [2], MemoryMarshal.AsBytes(biases.AsSpan()))), (5, Tensor("z", U8, [], [128])),
        (5, Tensor("sx", Float, [], BitConverter.GetBytes(InputScale))), (5, Tensor("sy", Float, [], BitConverter.GetBytes(OutputScale))),
        (11, Info("x", Float, x)), (12, Info("y", U8, x)))));
}

static byte[] Run(string op, float bias, GraphOptimizationLevel level)
{
    using var options = new SessionOptions { GraphOptimizationLevel = level, IntraOpNumThreads = 1 };
    using var session = new InferenceSession(Network(op, bias), options);
    var x = new DenseTensor<float>(new[] { 1f, -2f }, op == "Conv" ? [1, 2, 1, 1] : [1, 2]);
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
