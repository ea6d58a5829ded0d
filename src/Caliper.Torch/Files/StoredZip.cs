using System.Text;

namespace Caliper.Torch.Files;

/// <summary>
/// Writes a zip archive as PyTorch wants it: entries stored as they are, their content on a 64-byte boundary (so that it can
/// be mapped into memory), and, for equal bytes every time, a fixed date.
/// </summary>
internal sealed class StoredZip
{
    private const int Alignment = 64;
    private const ushort Version = 20;
    private const ushort Utf8Names = 0x0800;
    private const ushort FirstOfJanuary1980 = 0x0021;
    private const ushort PaddingField = 'F' | 'B' << 8;
    private const int LocalHeaderBytes = 30;
    private const int FieldHeaderBytes = 4;

    private readonly List<(byte[] Name, uint Crc, uint Size, uint Position)> _entries = [];
    private readonly BinaryWriter _writer;
    private long _position;

    /// <summary>Begins an archive where the stream stands, which must be its start.</summary>
    public StoredZip(Stream stream) => _writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);

    /// <summary>Adds an entry.</summary>
    /// <exception cref="CaliperException">The archive would need the 64-bit form.</exception>
    public void Add(string name, ReadOnlySpan<byte> content)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        var contentStart = _position + LocalHeaderBytes + utf8.Length + FieldHeaderBytes;
        var padding = (int)((Alignment - contentStart % Alignment) % Alignment);
        if (contentStart + padding + content.Length > uint.MaxValue || _entries.Count == ushort.MaxValue)
            throw TooLarge();

        var crc = Crc32.Of(content);
        _entries.Add((utf8, crc, (uint)content.Length, (uint)_position));
        _writer.Write(0x04034b50u);
        WriteCommon(crc, (uint)content.Length, utf8.Length, FieldHeaderBytes + padding);
        _writer.Write(utf8);
        _writer.Write(PaddingField);
        _writer.Write((ushort)padding);
        _writer.Write(new byte[padding]);
        _writer.Write(content);
        _position = contentStart + padding + content.Length;
    }

    /// <summary>Writes the directory.</summary>
    public void Finish()
    {
        var start = _position;
        foreach (var (name, crc, size, position) in _entries)
        {
            _writer.Write(0x02014b50u);
            _writer.Write(Version);
            WriteCommon(crc, size, name.Length, extraLength: 0);
            _writer.Write(new byte[2 + 2 + 2 + 4]); // comment, disk, attributes
            _writer.Write(position);
            _writer.Write(name);
            _position += 46 + name.Length;
        }
        if (_position > uint.MaxValue) throw TooLarge();
        _writer.Write(0x06054b50u);
        _writer.Write(0u); // disks
        _writer.Write((ushort)_entries.Count);
        _writer.Write((ushort)_entries.Count);
        _writer.Write((uint)(_position - start));
        _writer.Write((uint)start);
        _writer.Write((ushort)0);
        _writer.Flush();
    }

    private static CaliperException TooLarge() => new(
        "The weights do not fit one .pth file of the 32-bit form (4 GiB, 65535 records): save them as .safetensors.");

    private void WriteCommon(uint crc, uint size, int nameLength, int extraLength)
    {
        _writer.Write(Version);
        _writer.Write(Utf8Names);
        _writer.Write((ushort)0); // stored
        _writer.Write((ushort)0); // midnight
        _writer.Write(FirstOfJanuary1980);
        _writer.Write(crc);
        _writer.Write(size);
        _writer.Write(size);
        _writer.Write((ushort)nameLength);
        _writer.Write((ushort)extraLength);
    }
}
