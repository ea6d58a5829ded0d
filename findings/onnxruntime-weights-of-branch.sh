#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, default session options
# Input     an If; its then branch multiplies x by int8 weights (DequantizeLinear, MatMul), the else branch returns x; the
#           weights are an initializer of the main graph, which a body may read as any other outer value; opset 21
# Guess     where an initializer lies does not matter: both files run
# Seen      with the weights in the main graph the session cannot be made: an optimization of DequantizeLinear and MatMul looks for them in
#           the body alone and reports a missing required weight. Without optimization the same file runs, and so does the copy that has
#           them in the body (with x rounded to 8 bits on the way, as for all such products: a finding of its own).
# Matters   int8 weights that both branches of an If share, or a branch and the rest, make a valid file that nobody can load: whoever
#           quantizes inside of If must give each body a copy of its own.
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

const long Float = 1, I8 = 3, Bool = 9;
const int Size = 4;
object[] weights =
[
    Tensor("w", I8, [Size, Size], [.. Enumerable.Range(1, Size * Size).Select(i => (byte)i)]), Tensor("ws", Float, [], BitConverter.GetBytes(0.5f)),
    Tensor("wz", I8, [], [0]),
];
byte[] outside = Model(weights, []), inside = Model([], weights);
string inBody = Run(inside, GraphOptimizationLevel.ORT_ENABLE_ALL), plain = Run(outside, GraphOptimizationLevel.ORT_DISABLE_ALL);
var inMain = Run(outside, GraphOptimizationLevel.ORT_ENABLE_ALL);
Console.WriteLine($"weights in the body, optimized             {inBody}");
Console.WriteLine($"weights in the main graph, as written      {plain}");
Console.WriteLine($"weights in the main graph, optimized       {inMain}");
var holds = inBody.StartsWith("45", StringComparison.Ordinal) && plain == "45 50 55 60" && inMain.Contains("issing required weight", StringComparison.Ordinal);
Console.WriteLine(holds ? "holds: int8 weights of a branch may not lie in the main graph" : "changed");
return holds ? 0 : 1;

static byte[] Model(object[] main, object[] body)
{
    var then = M([(1, Node("DequantizeLinear", ["w", "ws", "wz"], "dw")), (1, Node("MatMul", ["x", "dw"], "t")), (2, "then"), .. body.Select(t => (5, t)), (12, Info("t", Float, [1, Size]))]);
    var otherwise = M((1, Node("Identity", ["x"], "e")), (2, "else"), (12, Info("e", Float, [1, Size])));
    byte[][] branches = [M((1, "then_branch"), (6, then), (20, 5L)), M((1, "else_branch"), (6, otherwise), (20, 5L))];
    return M((1, 10L), (8, M((2, 21L))), (7, M([(1, Node("If", ["flag"], "y", branches)), (2, "g"), .. main.Select(t => (5, t)),
        (11, Info("x", Float, [1, Size])), (11, Info("flag", Bool, [])), (12, Info("y", Float, [1, Size]))])));
}

static string Run(byte[] model, GraphOptimizationLevel level)
{
    using var options = new SessionOptions
    {
        GraphOptimizationLevel = level, IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };
    try
    {
        using var session = new InferenceSession(model, options);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(new float[] { 1, 2, 3, 4 }, [1, Size])),
            NamedOnnxValue.CreateFromTensor("flag", new DenseTensor<bool>(new[] { true }, []))]);
        return string.Join(' ', results[0].AsTensor<float>());
    }
    catch (OnnxRuntimeException error)
    {
        return error.Message;
    }
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
