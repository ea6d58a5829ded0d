#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, default session options
# Input     a layer between QuantizeLinear and DequantizeLinear whose int32 bias comes from a DequantizeLinear with a scale of its own: the product of
#           the input's and the weight's scale, twice it, four times it
# Guess     an integer kernel adds the bias to its sums and so needs exactly the product: other scales are left in float, or converted
# Seen      Conv does as guessed. Gemm is fused whatever the scale is, and the bias counts as if it had the product's: bias / 2 and bias / 4
#           arrive. Bias 2 at four times the scale answers 0.5. No error, no warning.
# Matters   a bias scale of one's own is legal and useful: it is the way out when a bias does not fit int32 at the product's scale, and
#           what a file holds after somebody rescaled a weight. The last layer of a classifier is a Gemm, and its biases decide between classes.
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

const long Float = 1, U8 = 2, S8 = 3, I32 = 6;
const float Product = 0.02f * 0.01f;
var holds = true;
foreach (var op in new[] { "Conv", "Gemm" })
    foreach (var times in new[] { 1, 2, 4 })
    {
        var written = Run(op, times, GraphOptimizationLevel.ORT_DISABLE_ALL);
        var optimized = Run(op, times, GraphOptimizationLevel.ORT_ENABLE_ALL);
        Console.WriteLine(FormattableString.Invariant(
            $"{op}, bias 2 at {times} x the product: as written {(written - 128) * 0.02f:F2}, optimized {(optimized - 128) * 0.02f:F2}"));
        holds &= written == 228 && optimized == (op == "Gemm" ? 128 + 100 / times : 228);
    }

Console.WriteLine(holds ? "holds: a fused Gemm does not look at the scale of its bias" : "changed");
return holds ? 0 : 1;

// the input is 0, so that the answer is the bias: 2
static byte[] Network(string op, int times)
{
    long[] x = op == "Conv" ? [1, 1, 1, 1] : [1, 1];
    return M((1, 10L), (8, M((2, 21L))), (7, M(
        (1, Node("QuantizeLinear", ["x", "sx", "z"], "q")), (1, Node("DequantizeLinear", ["q", "sx", "z"], "d")),
        (1, Node("DequantizeLinear", ["w", "sw", "zw"], "dw")), (1, Node("DequantizeLinear", ["b", "sb"], "db")),
        (1, Node(op, ["d", "dw", "db"], "p")), (1, Node("QuantizeLinear", ["p", "sy", "z"], "y")), (2, "g"),
        (5, Tensor("w", S8, x, [50])), (5, Tensor("zw", S8, [], [0])), (5, Tensor("z", U8, [], [128])),
        (5, Tensor("b", I32, [1], BitConverter.GetBytes((int)Math.Round(2 / (Product * times))))),
        (5, Tensor("sb", Float, [], BitConverter.GetBytes(Product * times))), (5, Tensor("sx", Float, [], BitConverter.GetBytes(0.02f))),
        (5, Tensor("sw", Float, [], BitConverter.GetBytes(0.01f))), (5, Tensor("sy", Float, [], BitConverter.GetBytes(0.02f))),
        (11, Info("x", Float, x)), (12, Info("y", U8, x)))));
}

static int Run(string op, int times, GraphOptimizationLevel level)
{
    using var options = new SessionOptions { GraphOptimizationLevel = level, IntraOpNumThreads = 1 };
    using var session = new InferenceSession(Network(op, times), options);
    var x = new DenseTensor<float>(new[] { 0f }, op == "Conv" ? [1, 1, 1, 1] : [1, 1]);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", x)]);
    return results[0].AsTensor<byte>().First();
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
