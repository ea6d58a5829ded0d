#!/usr/bin/env bash
# Subject   ONNX Runtime 1.31.1 (NuGet Microsoft.ML.OnnxRuntime), CPU, default session options
# Input     Pad of zeros, then MaxPool or AveragePool of 3 by 3 (opset 17, float); the image holds -36 everywhere
# Guess     the optimizer lets a Pad become the pool's own padding only where that changes nothing: a MaxPool's padding is no number, not 0
# Seen      a Pad of zeros before a MaxPool is fused whatever the image holds: the border is -36 where the file says 0.
#           A Pad as wide as the window is fused, too, with MaxPool and AveragePool, to a node that the library itself refuses: the valid file
#           does not load. AveragePool is right where it loads, and so is all with the rewrite rule Pad_Fusion disabled.
# Matters   whoever takes the float session for the truth calibrates and judges int8 by a border that the network does not have; converters
#           write explicit Pads, and before a pool there need be no Relu.
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

const long Float = 1, Int64 = 7;
var holds = true;
Try("MaxPool", 1, (written, optimized) => written[0] == 0 && optimized[0] == -36);
Try("MaxPool", 3, (_, optimized) => optimized.Length == 0);
Try("AveragePool", 1, (written, optimized) => written.SequenceEqual(optimized));
Try("AveragePool", 3, (_, optimized) => optimized.Length == 0);
Console.WriteLine(holds ? "holds: a Pad of zeros before a MaxPool is taken for padding that does not count" : "changed");
return holds ? 0 : 1;

void Try(string pool, long pad, Func<float[], float[], bool> expected)
{
    var pads = new[] { 0, 0, pad, pad, 0, 0, pad, pad }.SelectMany(BitConverter.GetBytes).ToArray();
    var to = 2 + 2 * pad;
    var model = M((1, 10L), (8, M((2, 17L))), (7, M(
        (1, Node("Pad", ["x", "p"], "b")), (1, Node(pool, ["b"], "y", M((1, "kernel_shape"), (8, 3L), (8, 3L), (20, 7L)))), (2, "g"),
        (5, M((1, 8L), (2, Int64), (8, "p"), (9, pads))), (11, Info("x", 4)), (12, Info("y", to)))));
    float[] written = Run(model, GraphOptimizationLevel.ORT_DISABLE_ALL, ""), alone = Run(model, GraphOptimizationLevel.ORT_ENABLE_ALL, "Pad_Fusion"), optimized = [];
    try { optimized = Run(model, GraphOptimizationLevel.ORT_ENABLE_ALL, ""); }
    catch (OnnxRuntimeException) { }
    Console.WriteLine($"Pad of {pad}, {pool}\n  as written  {Row(written)}\n  optimized   {(optimized.Length == 0 ? "does not load" : Row(optimized))}");
    holds &= expected(written, optimized) && alone.SequenceEqual(written);

    string Row(float[] y) => string.Join(' ', y.Skip((int)(to * (pad == 3 ? 2 : 0))).Take((int)to));
}

static float[] Run(byte[] model, GraphOptimizationLevel level, string disabled)
{
    using var options = new SessionOptions
    {
        GraphOptimizationLevel = level, IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };
    if (disabled.Length > 0) options.AddSessionConfigEntry("optimization.disable_specified_optimizers", disabled);
    using var session = new InferenceSession(model, options);
    var x = new DenseTensor<float>(Enumerable.Repeat(-36f, 16).ToArray(), [1, 1, 4, 4]);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", x)]);
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
static byte[] Node(string op, string[] inputs, string output, params byte[][] attributes) => M([.. inputs.Select(i => (1, (object)i)),
    (2, output), (3, output), (4, op), .. attributes.Select(a => (5, (object)a))]);
static byte[] Info(string name, long side) => M((1, name), (2, M((1, M((1, Float), (2, M(new[] { 1, 1, side, side }
    .Select(d => (1, (object)M((1, d)))).ToArray())))))));
CS
dotnet run try.cs
