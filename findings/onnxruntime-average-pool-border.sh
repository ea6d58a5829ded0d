#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, default session options
# Input     QuantizeLinear, DequantizeLinear, AveragePool, QuantizeLinear (one scale and zero point); opset 21; the tensor holds 100 everywhere
# Guess     pooling equal numbers is the one thing that quantization cannot change: the fused kernel is right to a level, or is not used
# Seen      the fused QLinearAveragePool does not follow the float AveragePool of the same library.
#           ceil_mode = 1 with count_include_pad = 1: it divides a window that hangs over the edge by the whole kernel's area, places beyond
#           the padding included; the result is too low. dilations, an attribute since opset 19: the optimizer makes a node that the
#           library's own schema refuses, and the valid file does not load. Without optimization both run.
# Matters   the border of every feature map behind such a pool is dimmed in the int8 session only, and the loss looks like rounding noise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_DATA_HOME="$folder" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > try.cs <<'CS'
#:package Microsoft.ML.OnnxRuntime@1.31.1
#:property PublishAot=false
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

const long Float = 1, U8 = 2;
byte[] kernel = Ints("kernel_shape", 3, 3), strides = Ints("strides", 2, 2), pads = Ints("pads", 1, 1, 1, 1), dilations = Ints("dilations", 2, 2);
byte[] ceil = M((1, "ceil_mode"), (3, 1L), (20, 2L)), include = M((1, "count_include_pad"), (3, 1L), (20, 2L));

var holds = true;
Try("ceil_mode and count_include_pad", [kernel, strides, pads, ceil, include], 6, 4, (written, fused) => written[15] == 25 && fused[15] == 11);
Try("ceil_mode alone", [kernel, strides, pads, ceil], 6, 4, (written, fused) => written.SequenceEqual(fused));
Try("count_include_pad alone", [kernel, strides, pads, include], 6, 3, (written, fused) => written.SequenceEqual(fused));
Try("dilations", [kernel, dilations], 6, 2, (_, fused) => fused.Length == 0);
Console.WriteLine(holds ? "holds: the fused average pool reads ceil_mode and dilations otherwise than the float one" : "changed");
return holds ? 0 : 1;

void Try(string name, byte[][] attributes, long from, long to, Func<byte[], byte[], bool> expected)
{
    var model = M((1, 10L), (8, M((2, 21L))), (7, M(
        (1, Node("QuantizeLinear", ["x", "s", "z"], "q")), (1, Node("DequantizeLinear", ["q", "s", "z"], "d")),
        (1, Node("AveragePool", ["d"], "p", attributes)), (1, Node("QuantizeLinear", ["p", "s", "z"], "y")), (2, "g"),
        (5, Tensor("s", Float, [], BitConverter.GetBytes(1f))), (5, Tensor("z", U8, [], [0])),
        (11, Info("x", Float, [1, 1, from, from])), (12, Info("y", U8, [1, 1, to, to])))));
    byte[] written = Run(model, (int)from, GraphOptimizationLevel.ORT_DISABLE_ALL), fused = [];
    try { fused = Run(model, (int)from, GraphOptimizationLevel.ORT_ENABLE_ALL); }
    catch (OnnxRuntimeException) { }
    Console.WriteLine($"{name}\n  as written  {string.Join(' ', written)}");
    Console.WriteLine($"  optimized   {(fused.Length == 0 ? "does not load" : string.Join(' ', fused))}");
    holds &= expected(written, fused);
}

static byte[] Ints(string name, params long[] values) => M([(1, name), .. values.Select(v => (8, (object)v)), (20, 7L)]);

static byte[] Run(byte[] model, int side, GraphOptimizationLevel level)
{
    using var options = new SessionOptions
    {
        GraphOptimizationLevel = level, IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };
    using var session = new InferenceSession(model, options);
    var x = new DenseTensor<float>(Enumerable.Repeat(100f, side * side).ToArray(), [1, 1, side, side]);
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
