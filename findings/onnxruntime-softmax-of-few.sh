#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, default session options
# Input     QuantizeLinear (scale 0.05), DequantizeLinear, Softmax over n numbers (the first is 1, the rest 0), QuantizeLinear to uint8
# Guess     the optimizer makes a QLinearSoftmax of it, which differs by a level at most; a probability above the output's range becomes 255
# Seen      where the output scale is fine for so few numbers (here finer than 1/(148.5 n)) the winner's probability becomes 0, while the losers
#           keep theirs. One number at the usual scale of 1/256: 0 in place of 255. Two numbers at 1/297: 0 in place of 217. int8 is right.
# Matters   attention over a single token (the first step of a decoder) answers 0 for everything. A two-class head whose largest probability on
#           the calibration data was 0.85 gets such a scale from a min-max observer; then its winner is always the class that lost.
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
var holds = true;
foreach (var (n, finest, type, lost) in new[]
{
    (1, 148, U8, false), (1, 149, U8, true), (1, 256, U8, true), (2, 256, U8, false), (2, 296, U8, false), (2, 297, U8, true),
    (5, 742, U8, false), (5, 743, U8, true), (1, 256, S8, false), (2, 300, S8, false),
})
{
    var plain = Run(Network(n, 1f / finest, type), n, type, GraphOptimizationLevel.ORT_DISABLE_ALL);
    var fused = Run(Network(n, 1f / finest, type), n, type, GraphOptimizationLevel.ORT_ENABLE_ALL);
    var title = $"n = {n}, {(type == U8 ? "uint8" : "int8 ")}, scale 1/{finest}";
    Console.WriteLine($"{title}: as written {string.Join(' ', plain),-19} optimized {string.Join(' ', fused)}");
    holds &= lost ? plain[0] > 120 && fused[0] == 0 : Math.Abs(plain[0] - fused[0]) <= 1;
}
Console.WriteLine(holds ? "holds: the fused uint8 softmax answers 0 for the winner among few numbers" : "changed");
return holds ? 0 : 1;

static byte[] Network(int n, float scale, long type) => M((1, 10L), (8, M((2, 21L))), (7, M(
    (1, Node("QuantizeLinear", ["x", "sx", "zx"], "q")), (1, Node("DequantizeLinear", ["q", "sx", "zx"], "d")),
    (1, Node("Softmax", ["d"], "p")), (1, Node("QuantizeLinear", ["p", "sy", "zy"], "y")), (2, "g"),
    (5, Tensor("sx", Float, [], BitConverter.GetBytes(0.05f))), (5, Tensor("zx", type, [], [(byte)(type == U8 ? 128 : 0)])),
    (5, Tensor("sy", Float, [], BitConverter.GetBytes(scale))), (5, Tensor("zy", type, [], [(byte)(type == U8 ? 0 : 128)])),
    (11, Info("x", Float, [1, n])), (12, Info("y", type, [1, n])))));

// levels above the lowest one, for both types
static int[] Run(byte[] model, int n, long type, GraphOptimizationLevel level)
{
    using var options = new SessionOptions { GraphOptimizationLevel = level, IntraOpNumThreads = 1 };
    using var session = new InferenceSession(model, options);
    var values = new float[n];
    values[0] = 1;
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(values, [1, n]))]);
    return type == U8 ? [.. results[0].AsTensor<byte>().Select(v => (int)v)] : [.. results[0].AsTensor<sbyte>().Select(v => v + 128)];
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
