namespace Glyphs.Rendering;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same numbers on every machine and .NET version, which
/// <see cref="Random"/> does not promise.
/// </summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A generator for one of many independent things, so that their order and threads do not matter.</summary>
    public static SeededRandom For(ulong seed, int group, int index)
    {
        var mixed = new SeededRandom(seed);
        mixed._state ^= mixed.NextBits() + (ulong)(uint)group;
        mixed._state ^= mixed.NextBits() + (ulong)(uint)index;
        return new SeededRandom(mixed.NextBits());
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public float Next() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [low, high).</summary>
    public float Between(float low, float high) => low + (high - low) * Next();

    /// <summary>Uniform in 0 … count − 1.</summary>
    public int Below(int count) => (int)(NextBits() % (ulong)count);

    /// <summary>True with the given probability.</summary>
    public bool Chance(float probability) => Next() < probability;

    /// <summary>Standard normal (Box and Muller 1958).</summary>
    public float Gaussian()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - (double)Next()));
        return (float)(radius * Math.Cos(2 * Math.PI * Next()));
    }
}
