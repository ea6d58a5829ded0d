using System.Numerics;
using System.Numerics.Tensors;
using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>
/// Sums what one tensor's int8 form loses, sample after sample. Sums of at most 4,096 values are in float32, sums of those in
/// double, always in the same order.
/// </summary>
internal sealed class ErrorScan(QuantizationParameters parameters)
{
    private const int Block = 4096;
    private readonly long[] _levels = new long[parameters.Type.Max - parameters.Type.Min + 1];

    public double Signal { get; private set; }

    public double RoundingNoise { get; private set; }

    public double ClippingNoise { get; private set; }

    public double LocalNoise { get; private set; }

    public double DeployedNoise { get; private set; }

    public double DeployedSignal { get; private set; }

    public double Product { get; private set; }

    public float MaxError { get; private set; }

    public float Min { get; private set; } = float.PositiveInfinity;

    public float Max { get; private set; } = float.NegativeInfinity;

    public long Values { get; private set; }

    public long Below { get; private set; }

    public long Above { get; private set; }

    public ReadOnlySpan<long> Levels => _levels;

    /// <summary>Takes in one sample.</summary>
    /// <param name="floats">The float network's values.</param>
    /// <param name="deployed">The int8 network's, as floats.</param>
    /// <param name="local">The int8 layer's when fed with float values.</param>
    public void Update(ReadOnlySpan<float> floats, ReadOnlySpan<float> deployed, ReadOnlySpan<float> local)
    {
        for (var start = 0; start < floats.Length; start += Block)
        {
            var count = Math.Min(Block, floats.Length - start);
            AddBlock(floats.Slice(start, count), deployed.Slice(start, count), local.Slice(start, count));
        }
        Values += floats.Length;
    }

    /// <summary>Each lane sums its own values; the tail is a vector whose further lanes repeat zeros, which add nothing.</summary>
    private void AddBlock(ReadOnlySpan<float> floats, ReadOnlySpan<float> deployed, ReadOnlySpan<float> local)
    {
        var sums = new Sums(parameters);
        var lanes = Vector<float>.Count;
        Span<int> levels = stackalloc int[Vector<int>.Count];
        var whole = floats.Length / lanes * lanes;
        for (var i = 0; i < whole; i += lanes)
        {
            sums.Add(new Vector<float>(floats[i..]), new Vector<float>(deployed[i..]), new Vector<float>(local[i..]), out var level);
            level.CopyTo(levels);
            foreach (var l in levels) _levels[l]++;
        }
        if (whole < floats.Length)
        {
            Span<float> tail = stackalloc float[3 * lanes];
            tail.Clear();
            floats[whole..].CopyTo(tail);
            deployed[whole..].CopyTo(tail[lanes..]);
            local[whole..].CopyTo(tail[(2 * lanes)..]);
            sums.Add(new Vector<float>(tail), new Vector<float>(tail[lanes..]), new Vector<float>(tail[(2 * lanes)..]), out var level);
            level.CopyTo(levels);
            foreach (var l in levels[..(floats.Length - whole)]) _levels[l]++;
        }
        Min = MathF.Min(Min, TensorPrimitives.Min(floats));
        Max = MathF.Max(Max, TensorPrimitives.Max(floats));
        Take(sums);
    }

    private void Take(in Sums sums)
    {
        Signal += Vector.Sum(sums.Signal);
        RoundingNoise += Vector.Sum(sums.Rounding);
        ClippingNoise += Vector.Sum(sums.Clipping);
        LocalNoise += Vector.Sum(sums.Local);
        DeployedNoise += Vector.Sum(sums.Deployed);
        DeployedSignal += Vector.Sum(sums.DeployedSignal);
        Product += Vector.Sum(sums.Product);
        Below -= Vector.Sum(sums.Below);
        Above -= Vector.Sum(sums.Above);
        for (var lane = 0; lane < Vector<float>.Count; lane++) MaxError = MathF.Max(MaxError, sums.MaxError[lane]);
    }

    /// <summary>The sums of a block, a value a lane.</summary>
    private ref struct Sums(QuantizationParameters parameters)
    {
        private readonly Vector<float> _scale = new(parameters.Scale), _zeroPoint = new(parameters.ZeroPoint);
        private readonly Vector<float> _lowest = new(parameters.Type.Min), _highest = new(parameters.Type.Max);

        public Vector<float> Signal, Rounding, Clipping, Local, Deployed, DeployedSignal, Product, MaxError;
        public Vector<int> Below, Above;

        public void Add(Vector<float> x, Vector<float> deployed, Vector<float> local, out Vector<int> level)
        {
            var unclipped = Vector.Round(x / _scale) + _zeroPoint;
            var q = Vector.Max(Vector.Min(unclipped, _highest), _lowest);
            var rounding = (q - _zeroPoint) * _scale - x;
            Vector<int> below = Vector.LessThan(unclipped, _lowest), above = Vector.GreaterThan(unclipped, _highest);
            var noise = rounding * rounding;
            Signal += x * x;
            Rounding += noise;
            Clipping += Vector.ConditionalSelect(below | above, noise, Vector<float>.Zero);
            Below += below;
            Above += above;
            Local += (local - x) * (local - x);
            var difference = deployed - x;
            Deployed += difference * difference;
            DeployedSignal += deployed * deployed;
            Product += deployed * x;
            MaxError = Vector.Max(MaxError, Vector.Abs(difference));
            level = Vector.ConvertToInt32(q - _lowest);
        }
    }
}
