using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>
/// Numbers of a constant by which others are multiplied, so small that the products are denormal: processors take a hundred times as long for
/// each. Training that pulls weights towards 0 leaves many. As 0 they take nothing from a result that float32 keeps.
/// </summary>
internal static class VanishingNumbers
{
    // Far below the last bit of a sum with the greatest of them.
    private const float LeastShare = 1f / (1L << 60);

    // Products of what is greater with ordinary numbers stay normal: nothing is gained by its being 0.
    private const float GreatestVanishing = 1f / (1L << 50) / (1L << 50);

    /// <summary>Factors of a sum of products, with 0 in the place of such numbers, and how many they are. A tensor whose numbers are all that
    /// small keeps them.</summary>
    public static (Tensor Tensor, int Count) WithoutIn(Tensor factors)
    {
        var greatest = 0f;
        foreach (var number in factors.Span<float>()) if (MathF.Abs(number) > greatest) greatest = MathF.Abs(number);
        return Without(factors, MathF.Min(GreatestVanishing, greatest * LeastShare));
    }

    /// <summary>Slopes of lines that rise by 1 on their other side, likewise. What they multiply may be small itself: channels that training
    /// gave up are small everywhere.</summary>
    public static (Tensor Tensor, int Count) WithoutInSlopes(Tensor slopes) => Without(slopes, LeastShare);

    private static (Tensor Tensor, int Count) Without(Tensor tensor, float least)
    {
        var (numbers, count) = (tensor.Span<float>().ToArray(), 0);
        foreach (ref var number in numbers.AsSpan())
        {
            if (number == 0 || !float.IsSubnormal(number) && !(MathF.Abs(number) < least)) continue;
            number = 0;
            count++;
        }
        return (count == 0 ? tensor : Tensor.Of(tensor.Shape, numbers), count);
    }
}
