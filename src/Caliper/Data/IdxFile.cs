using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Caliper.Data;

/// <summary>
/// The header of an IDX file, the format of MNIST: two zero bytes, the element type, the number of axes, and the axes as
/// big-endian 32-bit integers. Only unsigned bytes (type 8) are read.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Lengths">The axes, outermost first; the first is the samples.</param>
internal sealed record IdxFile(string Path, ImmutableArray<int> Lengths)
{
    private const byte UnsignedByte = 8;

    /// <summary>Where the elements start.</summary>
    public int HeaderBytes => 4 + 4 * Lengths.Length;

    /// <summary>Bytes that one sample takes.</summary>
    public long BytesPerSample => Lengths.Skip(1).Aggregate(1L, (product, length) => checked(product * length));

    /// <summary>Whether a file that starts so is an IDX file.</summary>
    public static bool IsStartOf(ReadOnlySpan<byte> start) =>
        start is [0, 0, (>= 8 and <= 9) or (>= 11 and <= 14), >= 1 and <= 8, ..];

    /// <summary>Reads a header and checks it against the size of the file.</summary>
    /// <exception cref="CaliperException">The file is no IDX file of unsigned bytes, or its size is not what it says.</exception>
    public static IdxFile Open(string path) => FileReading.Guard(path, () =>
    {
        using var file = File.OpenRead(path);
        Span<byte> header = stackalloc byte[4 + 4 * 8];
        header = header[..file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false)];
        if (!IsStartOf(header)) throw new CaliperException($"'{path}' is not an IDX file.");
        if (header[2] != UnsignedByte)
            throw new CaliperException($"'{path}' holds elements of IDX type {header[2]}; only unsigned bytes are read.");
        var axes = header[3];
        if (header.Length < 4 + 4 * axes) throw new CaliperException($"'{path}' is truncated: it ends inside the header.");
        var lengths = ImmutableArray.CreateBuilder<int>(axes);
        for (var axis = 0; axis < axes; axis++) lengths.Add(BinaryPrimitives.ReadInt32BigEndian(header.Slice(4 + 4 * axis)));
        var idx = new IdxFile(path, lengths.MoveToImmutable());
        if (idx.Lengths.Any(length => length < 1)) throw idx.Damaged();
        try
        {
            if (checked(idx.HeaderBytes + idx.Lengths[0] * idx.BytesPerSample) != file.Length) throw idx.Damaged();
        }
        catch (OverflowException)
        {
            throw idx.Damaged();
        }
        return idx;
    });

    /// <summary>All elements of a file with one axis.</summary>
    public ImmutableArray<int> ReadLabels() => FileReading.Guard(Path, () =>
    {
        if (Lengths.Length != 1) throw new CaliperException($"'{Path}' has {Lengths.Length} axes; labels have one.");
        using var file = File.OpenRead(Path);
        file.Position = HeaderBytes;
        var bytes = new byte[Lengths[0]];
        file.ReadExactly(bytes);
        return bytes.Select(b => (int)b).ToImmutableArray();
    });

    private CaliperException Damaged() => new($"'{Path}' is damaged or truncated: its header announces "
        + $"{string.Join('×', Lengths)} bytes after it, and the file has another size.");
}
