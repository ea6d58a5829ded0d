using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>What the header of a NumPy <c>.npy</c> file says (format versions 1 to 3, NumPy's NEP 1).</summary>
/// <param name="Type">Type of the elements in the file.</param>
/// <param name="IsFortranOrder">Whether the first axis varies fastest, instead of the last.</param>
/// <param name="Lengths">The axes, outermost first.</param>
/// <param name="ByteCount">Bytes of the header, magic included; the elements follow.</param>
internal sealed partial record NpyHeader(ElementType Type, bool IsFortranOrder, ImmutableArray<long> Lengths, int ByteCount)
{
    /// <summary>As in NumPy, whose own limit is in characters.</summary>
    private const int MaxTextBytes = 10_000;

    private static readonly byte[] s_magic = [0x93, .. "NUMPY"u8];

    /// <summary>Bytes that the elements take.</summary>
    public long ElementByteCount => Type.ByteCount(Lengths.Aggregate(1L, (product, length) => checked(product * length)));

    /// <summary>Whether a file that starts so is a <c>.npy</c> file.</summary>
    public static bool IsStartOf(ReadOnlySpan<byte> start) => start.StartsWith(s_magic);

    /// <summary>Reads a header and leaves the stream at the first element.</summary>
    /// <exception cref="CaliperException">The header is damaged, or the type is one that Caliper does not read.</exception>
    public static NpyHeader Read(Stream stream, string place)
    {
        Span<byte> preamble = stackalloc byte[12];
        Fill(stream, preamble[..8], place);
        if (!IsStartOf(preamble))
            throw new CaliperException($"{place} is not a NumPy array: it does not start with the .npy magic.");
        var lengthBytes = preamble[6] switch
        {
            1 => 2,
            2 or 3 => 4,
            var version => throw new CaliperException($"{place} has .npy version {version}; versions 1 to 3 are read."),
        };
        Fill(stream, preamble.Slice(8, lengthBytes), place);
        var textBytes = BinaryPrimitives.ReadUInt32LittleEndian(preamble[8..]) & (lengthBytes == 2 ? 0xFFFFu : uint.MaxValue);
        if (textBytes > MaxTextBytes) throw Damaged(place, $"it claims to be {textBytes} bytes long");
        var text = new byte[textBytes];
        Fill(stream, text, place);
        return Parse(Encoding.UTF8.GetString(text), 8 + lengthBytes + text.Length, place);
    }

    private static NpyHeader Parse(string text, int byteCount, string place)
    {
        var entries = ParseDictionary(text, place);
        string Entry(string key) => entries[key].ToArray() is [var only] ? only : throw Damaged(place, $"it needs one '{key}'");
        var order = Entry("fortran_order");
        if (order is not ("True" or "False")) throw Damaged(place, "'fortran_order' is neither True nor False");
        var (type, lengths) = (ParseType(Entry("descr"), place), ParseShape(Entry("shape"), place));
        var header = new NpyHeader(type, order is "True", lengths, byteCount);
        try
        {
            _ = header.ElementByteCount;
            return header;
        }
        catch (OverflowException)
        {
            throw Damaged(place, $"the product of the shape {Entry("shape")} is too large");
        }
    }

    private static ILookup<string, string> ParseDictionary(string text, string place)
    {
        var match = DictionaryPattern().Match(text);
        if (!match.Success) throw Damaged(place, "it is no dictionary of three entries");
        return match.Groups["key"].Captures.Zip(match.Groups["value"].Captures).ToLookup(e => e.First.Value, e => e.Second.Value);
    }

    private static ElementType ParseType(string descr, string place)
    {
        var type = descr.Trim('\'', '"');
        if (type.StartsWith('>'))
            throw new CaliperException($"{place} is big-endian ('{type}'); save it with .astype('<{type[1..]}').");
        return type.TrimStart('<', '|', '=') switch
        {
            "f4" => ElementType.Float32,
            "f8" => ElementType.Float64,
            "f2" => ElementType.Float16,
            "i1" => ElementType.Int8,
            "i2" => ElementType.Int16,
            "i4" => ElementType.Int32,
            "i8" => ElementType.Int64,
            "u1" => ElementType.UInt8,
            "u2" => ElementType.UInt16,
            "u4" => ElementType.UInt32,
            "u8" => ElementType.UInt64,
            "b1" => ElementType.Boolean,
            _ => throw new CaliperException($"{place} has elements of type {descr}; only f2, f4, f8, i1 to i8, u1 to u8 and b1 "
                + "are read (objects would need pickle, which can run code)."),
        };
    }

    private static ImmutableArray<long> ParseShape(string tuple, string place)
    {
        if (tuple is not ['(', .., ')']) throw Damaged(place, "'shape' is no tuple");
        var items = tuple[1..^1].Split(',', StringSplitOptions.TrimEntries).Select(item => item.TrimEnd('L')).ToArray();
        if (items[^1].Length == 0) items = items[..^1];
        return [.. items.Select(item => long.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length : throw Damaged(place, $"'{item}' is no length of an axis"))];
    }

    private static void Fill(Stream stream, Span<byte> bytes, string place)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new CaliperException($"{place} is truncated: it ends inside the header.");
    }

    private static CaliperException Damaged(string place, string detail) => new($"The header of {place} is damaged: {detail}.");

    /// <summary>A Python dictionary whose values are a string, a name, a tuple or (for record types) a list. Each part is
    /// atomic, so that no text makes the match go back and forth.</summary>
    [GeneratedRegex("""
        ^\s*\{(?>\s*['"](?<key>\w+)['"]\s*:\s*(?<value>'[^']*'|"[^"]*"|\w+|\([^()]*\)|\[[^\[\]]*\])\s*(?:,|(?=\})))*\s*\}\s*$
        """, RegexOptions.CultureInvariant)]
    private static partial Regex DictionaryPattern();
}
