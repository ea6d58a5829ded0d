#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, default session options
# Input     a layer between QuantizeLinear and DequantizeLinear, its int8 weight dequantized with a zero point of 0 and, the second time,
#           without that optional input, which by the standard means 0
# Guess     the same thing twice: both files run in integers
# Seen      Conv and MatMul do. Gemm without the weight's zero point is left in float: weight and activations are dequantized, multiplied in
#           float and quantized again. A MatMul followed by a bias (Add) falls into it too: the optimizer makes a Gemm of both first, so that adding
#           a bias to a layer that ran in integers takes it back to float.
# Matters   a symmetric weight needs no zero point, and many writers leave it out. Every fully connected layer of the file then costs what float
#           costs, conversions on top, and no message tells; the results are right, so no comparison of accuracy does either.
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

const long Float = 1, U8 = 2, S8 = 3;
var holds = true;
foreach (var (op, stays) in new[] { ("Conv", false), ("MatMul", false), ("Gemm", true), ("MatMul, Add", true) })
{
    bool with = InIntegers(op, true), without = InIntegers(op, false);
    Console.WriteLine($"{op,-12} with zero point: {Text(with)}   without: {Text(without)}");
    holds &= with && without == !stays;
}

Console.WriteLine(holds ? "holds: a Gemm whose weight has no zero point written is computed in float" : "changed");
return holds ? 0 : 1;

static string Text(bool integers) => integers ? "integers" : "float   ";

// what the optimizer has made of the file: an integer operator, or the float one still
static bool InIntegers(string op, bool zeroPoint)
{
    using (var options = new SessionOptions { OptimizedModelFilePath = "optimized.onnx", LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR })
    using (var session = new InferenceSession(Network(op, zeroPoint), options)) { }
    var file = Encoding.Latin1.GetString(File.ReadAllBytes("optimized.onnx"));
    return new[] { "QLinearConv", "QLinearMatMul", "QGemm" }.Any(file.Contains);
}

static byte[] Network(string op, bool zeroPoint)
{
    long[] x = op == "Conv" ? [1, 4, 1, 1] : [1, 4], w = op == "Conv" ? [4, 4, 1, 1] : [4, 4];
    var weight = Node("DequantizeLinear", zeroPoint ? ["w", "sw", "zw"] : ["w", "sw"], "dw");
    byte[][] layer = op == "MatMul, Add"
        ? [Node("MatMul", ["d", "dw"], "m"), Node("Add", ["m", "b"], "p")]
        : [Node(op, ["d", "dw"], "p")];
    float[] bias = [1, 2, 3, 4];
    return M((1, 10L), (8, M((2, 21L))), (7, M([
        (1, Node("QuantizeLinear", ["x", "sx", "z"], "q")), (1, Node("DequantizeLinear", ["q", "sx", "z"], "d")), (1, weight),
        .. layer.Select(n => (1, (object)n)), (1, Node("QuantizeLinear", ["p", "sy", "z"], "q2")),
        (1, Node("DequantizeLinear", ["q2", "sy", "z"], "y")), (2, "g"),
        (5, Tensor("w", S8, w, [.. Enumerable.Range(1, 16).Select(v => (byte)v)])), (5, Tensor("zw", S8, [], [0])),
        (5, Tensor("b", Float, [4], MemoryMarshal.AsBytes(bias.AsSpan()))), (5, Tensor("z", U8, [], [128])),
        (5, Tensor("sw", Float, [], BitConverter.GetBytes(0.01f))), (5, Tensor("sx", Float, [], BitConverter.GetBytes(0.02f))),
        (5, Tensor("sy", Float, [], BitConverter.GetBytes(0.1f))), (11, Info("x", Float, x)), (12, Info("y", Float, x))])));
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
