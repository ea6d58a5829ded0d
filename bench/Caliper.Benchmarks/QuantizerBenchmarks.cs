using BenchmarkDotNet.Attributes;
using Caliper.Numerics;

namespace Caliper.Benchmarks;

/// <summary>Float to 8 bits and back: 64 thousand floats, which stay in the second-level cache.</summary>
public class QuantizerBenchmarks
{
    private const int Count = 1 << 16;

    private static readonly QuantizationParameters Parameters =
        QuantizationParameters.PerTensor(QuantizedType.QUInt8, 0.02f, 120);

    private readonly float[] _real = [.. Enumerable.Range(0, Count).Select(i => MathF.Sin(i))];
    private readonly float[] _back = new float[Count];
    private readonly byte[] _q = new byte[Count];

    [Benchmark(OperationsPerInvoke = Count)]
    public void Quantize() => Quantizer.Quantize(_real, _q, Parameters);

    [Benchmark(OperationsPerInvoke = Count)]
    public void QuantizeByReciprocal() => Quantizer.Quantize(_real, _q, Parameters, QuantizationRule.PyTorch);

    [Benchmark(OperationsPerInvoke = Count)]
    public void Dequantize() => Quantizer.Dequantize(_q, _back, Parameters);

    [Benchmark(OperationsPerInvoke = Count)]
    public void FakeQuantize() => Quantizer.FakeQuantize(_real, _back, Parameters);
}
