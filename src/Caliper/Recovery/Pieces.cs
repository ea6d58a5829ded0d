using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>The pieces of a network whose factors depend on each other. Each keeps its factors, or a part of their logarithms, rounded to
/// powers of two, where that is worth it.</summary>
internal static class Pieces
{
    private static readonly double[] Strengths = [1, 0.75, 0.5, 0.25];

    // All factors of a piece may be greater by the same: which exponents they are rounded to depends on it.
    private static readonly double[] Offsets = [0, 0.25, 0.5, 0.75];

    /// <summary>The exponents of the best of some strengths for each piece; 0 everywhere where the noise falls by less
    /// than a share that <paramref name="leastGain"/> tells of the piece's first class.</summary>
    public static int[] Keep(RoundingNoise noise, double[] factors, Func<int, double> leastGain)
    {
        var kept = new int[factors.Length];
        var piece = PieceOf(noise, factors.Length);
        int[][] tried = [.. Strengths.SelectMany(s => Offsets.Select(o => Array.ConvertAll(factors, f => Exponent(s * Math.Log2(f) + o))))];
        foreach (var exponents in tried) exponents[ChannelClasses.Fixed] = 0;
        var at = tried.Select(exponents => NoiseOf(noise, piece, FactorsOf(exponents))).ToArray();
        var before = NoiseOf(noise, piece, FactorsOf(kept));
        var best = Enumerable.Range(0, factors.Length).Select(p => Enumerable.Range(0, tried.Length).MinBy(t => at[t][p])).ToArray();
        for (var c = 1; c < factors.Length; c++)
        {
            var (own, choice) = (piece[c], best[piece[c]]);
            if (at[choice][own] < (1 - leastGain(own)) * before[own]) kept[c] = tried[choice][c];
        }
        return kept;
    }

    private static int Exponent(double logarithm) =>
        Math.Clamp((int)Math.Round(logarithm), -ChannelFactors.MostExponent, ChannelFactors.MostExponent);

    /// <summary>The factors that exponents stand for.</summary>
    public static double[] FactorsOf(int[] exponents) => Array.ConvertAll(exponents, e => Math.ScaleB(1, e));

    private static double[] NoiseOf(RoundingNoise noise, int[] piece, double[] factors)
    {
        var all = new double[piece.Length];
        foreach (var tensor in noise.Tensors) all[PieceOf(tensor, piece)] += tensor.Noise(factors);
        foreach (var layer in noise.Weights) all[PieceOf(layer, piece)] += layer.Noise(factors);
        return all;
    }

    private static int PieceOf(TensorRounding tensor, int[] piece) => First(ClassesOf(tensor), piece);

    private static int PieceOf(WeightRounding layer, int[] piece) => First(layer.Inputs.Select(i => i.Class), piece);

    private static IEnumerable<int> ClassesOf(TensorRounding tensor) => tensor.Made.Select(m => m.Class).Concat(tensor.Seen.Select(s => s.Class));

    private static int First(IEnumerable<int> classes, int[] piece) =>
        classes.Where(c => c != ChannelClasses.Fixed).Select(c => piece[c]).FirstOrDefault(ChannelClasses.Fixed);

    private static int[] PieceOf(RoundingNoise noise, int classes)
    {
        var parent = Enumerable.Range(0, classes).ToArray();
        foreach (var tensor in noise.Tensors) Join(ClassesOf(tensor));
        foreach (var layer in noise.Weights) Join(layer.Inputs.Select(i => i.Class));
        return [.. Enumerable.Range(0, classes).Select(Find)];

        void Join(IEnumerable<int> together)
        {
            var first = -1;
            foreach (var id in together.Where(c => c != ChannelClasses.Fixed))
            {
                if (first < 0) first = Find(id);
                else parent[Find(id)] = first = Find(first);
            }
        }

        int Find(int id)
        {
            while (parent[id] != id) id = parent[id] = parent[parent[id]];
            return id;
        }
    }
}
