using System.Collections.Immutable;

namespace Caliper.Preparation;

/// <summary>What a file of an int8 network tells of the factors its channels were divided by, so that it can be compared with the float
/// network.</summary>
internal static class EqualizationMetadata
{
    private const string Key = "caliper.equalization";

    public static ImmutableSortedDictionary<string, string> Write(ImmutableSortedDictionary<string, string> metadata, ChannelFactors factors) =>
        factors.IsEmpty ? metadata : metadata.SetItem(Key, ChannelFactorsJson.ToLine(factors));

    /// <exception cref="CaliperException">It is damaged.</exception>
    public static ChannelFactors Read(ImmutableSortedDictionary<string, string> metadata) =>
        metadata.TryGetValue(Key, out var line)
            ? ChannelFactorsJson.FromLine(line, $"The metadata \"{Key}\" of the int8 model") : ChannelFactors.None;
}
