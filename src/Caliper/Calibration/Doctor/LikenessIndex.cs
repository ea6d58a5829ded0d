using System.Numerics;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// Finds images whose likeness differs in few bits, without comparing each with each: of 8 bands of 16 bits one at least is
/// equal where 7 bits or fewer differ, so that only images that share a band are compared.
/// </summary>
/// <remarks>
/// The limit was measured. Copies that are coarsely quantized (64 levels), noisy (± 5 levels) or of another gamma are 0 to 7
/// bits apart in 98 % of cases, photographs of half the size in 99 %, those brightened until they clip in 9 of 10. Different photographs
/// are 27 bits and more apart (300 of ImageNet, 44,850 pairs), different thumbnails 18 and more (3,024 of CIFAR-10, 2.5
/// million pairs). A thumbnail of 32×32 shifted by a pixel is 20 bits from itself, and is not found.
/// </remarks>
internal static class LikenessIndex
{
    /// <summary>Most bits in which two images that are almost the same differ.</summary>
    public const int MaxDistance = Bands - 1;

    /// <summary>An image with fewer bits set, or fewer unset, is flat or one slope: it says too little to be told from others.
    /// Nine photographs in ten have 47 to 78 bits set.</summary>
    public const int MinInformation = 28;

    private const int Bands = 8, BitsPerBand = 16;

    /// <summary>Within a band that a great many images share, each is compared with this many that are nearest in order, so
    /// that time stays proportional to their number.</summary>
    private const int MaxCompared = 1024;

    /// <summary>Groups of two and more images that are almost the same, in the order of their first.</summary>
    public static List<ObservedSample[]> Groups(IReadOnlyList<ObservedSample> samples)
    {
        var images = samples.Where(s => IsTelling(s.Likeness)).OrderBy(s => s.Likeness).ToArray();
        var parent = Enumerable.Range(0, images.Length).ToArray();
        for (var band = 0; band < Bands; band++) Join(images, parent, band);
        return [.. Enumerable.Range(0, images.Length).GroupBy(i => Root(parent, i)).Where(g => g.Skip(1).Any())
            .Select(g => g.Select(i => images[i]).Order().ToArray()).OrderBy(g => g[0])];
    }

    private static bool IsTelling(UInt128 likeness) => Ones(likeness) is >= MinInformation and <= 128 - MinInformation;

    private static void Join(ObservedSample[] images, int[] parent, int band)
    {
        int Key(int image) => (ushort)(images[image].Likeness >> (band * BitsPerBand));
        var keys = Enumerable.Range(0, images.Length).Select(Key).ToArray();
        var order = Enumerable.Range(0, images.Length).ToArray();
        // Stable order within a band is that of the whole likeness, by which the images are sorted.
        Array.Sort([.. keys.Select((key, i) => (long)key << 32 | (uint)i)], order);
        for (var a = 0; a < order.Length; a++)
        {
            var end = Math.Min(order.Length, a + 1 + MaxCompared);
            for (var b = a + 1; b < end && keys[order[b]] == keys[order[a]]; b++)
            {
                if (Ones(images[order[a]].Likeness ^ images[order[b]].Likeness) > MaxDistance) continue;
                parent[Root(parent, order[b])] = Root(parent, order[a]);
            }
        }
    }

    private static int Root(int[] parent, int image)
    {
        while (parent[image] != image) image = parent[image] = parent[parent[image]];
        return image;
    }

    private static int Ones(UInt128 bits) => BitOperations.PopCount((ulong)bits) + BitOperations.PopCount((ulong)(bits >> 64));
}
