using System.Text.Json;
using Caliper.Graphs;

namespace Caliper.Torch.Files;

/// <summary>One tensor of a safetensors file; positions are bytes after the header.</summary>
internal sealed record SafetensorsEntry(string Name, ElementType Type, Shape Shape, long Start, long End);

/// <summary>
/// Checks a safetensors header as its specification demands: every tensor's size is what its shape and type need, and
/// together they cover the data exactly, without gap or overlap.
/// </summary>
internal static class SafetensorsHeader
{
    private const string MetadataName = "__metadata__";
    private const int MaxRank = 64;

    /// <summary>The tensors, in the order of the header.</summary>
    /// <exception cref="CaliperException">The header contradicts itself or the size of the file, or a tensor has elements of a
    /// dtype that <paramref name="typeOf"/> does not know: newer writers have dtypes of their own, which is no damage.</exception>
    public static IReadOnlyList<SafetensorsEntry> Parse(
        ReadOnlyMemory<byte> header, long dataBytes, Func<string, ElementType> typeOf, string file)
    {
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false };
            using var json = JsonDocument.Parse(header, options);
            var entries = json.RootElement.EnumerateObject()
                .Where(p => p.Name != MetadataName).Select(p => Entry(p, typeOf, file)).ToArray();
            CheckCoverage(entries, dataBytes);
            return entries;
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new CaliperException($"'{file}' is damaged: its safetensors header is wrong: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Whether elements end with a byte, as every tensor of a safetensors file does.</summary>
    public static bool FillsBytes(ElementType type, long count) => count * type.BitsPerElement() % 8 == 0;

    private static SafetensorsEntry Entry(JsonProperty property, Func<string, ElementType> typeOf, string file)
    {
        var name = property.Name;
        var dtype = Member(property, "dtype").GetString() ?? "null";
        var type = typeOf(dtype);
        if (type is ElementType.Undefined)
        {
            throw new CaliperException($"'{file}' is not supported: its tensor '{name}' has the dtype '{dtype}', which Caliper does not read. "
                + "Save it in another, such as F16.");
        }
        var lengths = Integers(Member(property, "shape"));
        if (lengths.Length > MaxRank) throw new FormatException($"the tensor '{name}' has {lengths.Length} axes");
        if (Integers(Member(property, "data_offsets")) is not [var start, var end] || start > end)
            throw new FormatException($"the data_offsets of the tensor '{name}' are no range");
        var shape = Shape.Of(lengths);
        if (!FillsBytes(type, shape.ElementCount))
            throw new FormatException($"the tensor '{name}' of {shape} {dtype} ends within a byte");
        if (type.ByteCount(shape.ElementCount) != end - start)
            throw new FormatException($"the tensor '{name}' of {shape} {dtype} does not take {end - start} bytes");
        return new SafetensorsEntry(name, type, shape, start, end);
    }

    private static JsonElement Member(JsonProperty property, string member) =>
        property.Value.TryGetProperty(member, out var value)
            ? value
            : throw new FormatException($"the tensor '{property.Name}' has no {member}");

    private static long[] Integers(JsonElement array)
    {
        var integers = array.EnumerateArray().Select(e => e.GetInt64()).ToArray();
        return integers.All(n => n >= 0) ? integers : throw new FormatException("a length or position is negative");
    }

    private static void CheckCoverage(SafetensorsEntry[] entries, long dataBytes)
    {
        var covered = 0L;
        foreach (var entry in entries.OrderBy(e => e.Start).ThenBy(e => e.End))
        {
            if (entry.Start != covered)
                throw new FormatException($"the tensor '{entry.Name}' begins at byte {entry.Start} instead of {covered}");
            covered = entry.End;
        }
        if (covered != dataBytes) throw new FormatException($"its tensors end at byte {covered} of {dataBytes}");
    }
}
