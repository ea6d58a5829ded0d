#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU
# Input     Resize, mode "linear", from 64 to 150 columns: on float numbers that happen to be whole, on the same numbers as uint8 and as int8
# Guess     the 8-bit result is the float result rounded to nearest, as QuantizeLinear and every other integer operator here round
# Seen      the fraction is cut off, towards zero. uint8 loses half a level on average. int8 loses half a level of its magnitude: the same
#           picture, as uint8 with zero point 128 and as int8 with zero point 0, has two different answers. The wording DequantizeLinear,
#           Resize, QuantizeLinear rounds to nearest. And with antialias = 1 the same node rounds to nearest, too.
# Matters   a resize is the first node of many pipelines that take bytes, and of every upsampling decoder. Half a level at each of them is
#           a bias, not noise: it does not average out, and a decoder has several in a row.
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

const long Float = 1, U8 = 2, S8 = 3, I64 = 7;
const int From = 64, To = 150, Less = 20;
var random = new Random(1);
var unsigned = new byte[From];
random.NextBytes(unsigned);
var signed = unsigned.Select(v => (sbyte)(v - 128)).ToArray();

var real = RunFloat(To, 0);
var u8 = Run(U8, To, 0, false);
var s8 = Run(S8, To, 0, false).Select(v => v + 128).ToArray();
var pair = Run(U8, To, 0, true);
var smooth = Run(U8, Less, 1, false);
var smoothReal = RunFloat(Less, 1);

int NotNearest(int[] got, float[] want) => got.Zip(want, (g, w) => Math.Abs(g - w) > 0.501 ? 1 : 0).Sum();
double Bias(int[] got, float[] want) => got.Zip(want, (g, w) => (double)g - w).Average();
void Say(string name, int[] got, float[] want) => Console.WriteLine(FormattableString.Invariant(
    $"{name,-36} not the nearest byte: {NotNearest(got, want),3} of {got.Length}   mean error {Bias(got, want):F2} levels"));
Say("uint8", u8, real);
Say("int8 (+128)", s8, real);
Say("DequantizeLinear-Resize-Quantize", pair, real);
Say("uint8, antialias = 1", smooth, smoothReal);
Console.WriteLine($"uint8 and int8 differ in {u8.Zip(s8, (a, b) => a != b ? 1 : 0).Sum()} of {To} places");

var holds = NotNearest(u8, real) > To / 4 && Bias(u8, real) < -0.3 && NotNearest(s8, real) > To / 4 && !u8.SequenceEqual(s8)
    && NotNearest(pair, real) == 0 && NotNearest(smooth, smoothReal) == 0;
Console.WriteLine(holds ? "holds: a linear Resize of bytes cuts off the fraction" : "changed");
return holds ? 0 : 1;

int[] Run(long type, int to, long antialias, bool throughFloat)
{
    var nodes = throughFloat
        ? new[] { Node("DequantizeLinear", ["x", "s", "z"], "d"), Resize("d", "r", antialias), Node("QuantizeLinear", ["r", "s", "z"], "y") }
        : [Resize("x", "y", antialias)];
    using var session = new InferenceSession(Model(nodes, type, to), Quiet());
    int[] shape = [1, 1, 1, From];
    var feed = type == U8 ? NamedOnnxValue.CreateFromTensor("x", new DenseTensor<byte>(unsigned, shape))
        : NamedOnnxValue.CreateFromTensor("x", new DenseTensor<sbyte>(signed, shape));
    using var results = session.Run([feed]);
    return type == U8 ? [.. results[0].AsTensor<byte>().Select(v => (int)v)] : [.. results[0].AsTensor<sbyte>().Select(v => (int)v)];
}

float[] RunFloat(int to, long antialias)
{
    using var session = new InferenceSession(Model([Resize("x", "y", antialias)], Float, to), Quiet());
    var feed = new DenseTensor<float>(unsigned.Select(v => (float)v).ToArray(), [1, 1, 1, From]);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", feed)]);
    return [.. results[0].AsTensor<float>()];
}

static byte[] Resize(string from, string to, long antialias) => Node("Resize", [from, "", "", "sizes"], to,
    [M((1, "mode"), (4, "linear"), (20, 3L)), M((1, "antialias"), (3, antialias), (20, 2L))]);

static byte[] Model(byte[][] nodes, long type, long to) => M((1, 10L), (8, M((2, 21L))), (7, M([.. nodes.Select(n => (1, (object)n)), (2, "g"),
    (5, Tensor("sizes", I64, [4], MemoryMarshal.AsBytes<long>(new long[] { 1, 1, 1, to }))), (5, Tensor("z", U8, [], [0])),
    (5, Tensor("s", Float, [], BitConverter.GetBytes(1f))), (11, Info("x", type, [1, 1, 1, From])), (12, Info("y", type, [1, 1, 1, to]))])));

static SessionOptions Quiet() => new() { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };

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
