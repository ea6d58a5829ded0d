using CsCheck;
using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Random quantized networks of a dozen operators: branches that meet in additions and concatenations, pools, groups,
/// and a float operator now and then.</summary>
internal static class RandomNetworks
{
    public static Gen<(Model Model, int Seed)> Any =>
        from seed in Gen.Int[0, 1_000_000]
        from size in Gen.Int[5, 17]
        from length in Gen.Int[1, 10]
        select (Build(seed, size, length), seed);

    public static Model Build(int seed, int size, int length)
    {
        var b = new QdqBuilder(seed) { Signed = seed % 5 == 0 };
        var random = b.Random;
        var channels = random.Next(1, 40);
        // Every value has the same number of pixels, so that any two can meet.
        var x = b.Conv(b.Input(-1, 3, size, size + 1), 3, channels, 3, 1, 1, relu: true);
        List<(string Name, int Channels)> values = [(x, channels)];
        for (var i = 0; i < length; i++) values.Add(Next(b, random, values));
        var (last, count) = values[^1];
        var pooled = b.Apply("GlobalAveragePool", 2, [last]);
        return b.Build(asFloats: true, b.Gemm(b.Keep("Flatten", [pooled]), count, random.Next(1, 20)), last, values[random.Next(values.Count)].Name);
    }

    private static (string, int) Next(QdqBuilder b, Random random, List<(string Name, int Channels)> values)
    {
        var (x, channels) = values[random.Next(values.Count)];
        var outputs = random.Next(1, 70);
        switch (random.Next(11))
        {
            case 0 or 1: return (b.Conv(x, channels, outputs, 1, relu: random.Next(2) == 0), outputs);
            case 2: return (b.Conv(x, channels, outputs, 3, 1, 1, relu: random.Next(2) == 0), outputs);
            case 3: return (b.Conv(x, channels, channels, 3, 1, 2, 2, channels), channels);
            case 4: return (b.Keep("MaxPool", [x], n => n.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1)), channels);
            case 5: return (b.Apply("AveragePool", 3, [x], n => n.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1)), channels);
            case 6: return (b.Apply("Sigmoid", 1, [x]), channels);
            case 7: return (b.Apply("Mul", 3, [x, b.Apply("HardSigmoid", 1, [b.Apply("GlobalAveragePool", 2, [x])])]), channels);
            case 8: return (b.Apply("Sub", 5, [x, b.Keep("Identity", [x])]), channels);
            case 9:
                var (other, more) = values[random.Next(values.Count)];
                return other == x ? (b.Apply("Tanh", 1, [x]), channels) : (b.Apply("Concat", 4, [x, other], n => n.With("axis", 1)), channels + more);
            default:
                var same = b.Conv(x, channels, channels, 3, 1, 1);
                return (b.Apply("Add", 6, random.Next(2) == 0 ? [x, same] : [same, x], relu: random.Next(2) == 0), channels);
        }
    }
}
