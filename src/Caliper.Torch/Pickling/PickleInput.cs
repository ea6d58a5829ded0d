using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Caliper.Torch.Pickling;

/// <summary>Reads the operands of opcodes; a length is checked against what is left before anything is allocated.</summary>
internal sealed class PickleInput(Stream stream, string file)
{
    /// <summary>More than any state dict needs (a thousand-layer network takes less than a megabyte).</summary>
    private const long MaxBytes = 64L << 20;

    private const int MaxLineLength = 1024;

    private readonly long _end = Math.Min(stream.Length, stream.Position + MaxBytes);

    /// <summary>The file, for messages.</summary>
    public string File => file;

    public byte ReadByte()
    {
        if (stream.Position >= _end) throw Truncated();
        return (byte)stream.ReadByte();
    }

    public byte[] ReadBytes(ulong count)
    {
        if (count > (ulong)(_end - stream.Position)) throw Truncated();
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public void Skip(int count) => ReadBytes((ulong)count);

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadBytes(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleBigEndian(ReadBytes(8));

    public string ReadText(ulong byteCount) => Encoding.UTF8.GetString(ReadBytes(byteCount));

    /// <summary>A two's complement number: a <see cref="long"/> where it fits, as <see cref="BigInteger"/> otherwise.</summary>
    public object ReadLong(ulong byteCount)
    {
        var number = new BigInteger(ReadBytes(byteCount));
        return number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number;
    }

    public string ReadLine()
    {
        var line = new StringBuilder();
        for (var next = ReadByte(); next != '\n'; next = ReadByte())
        {
            if (line.Length == MaxLineLength)
                throw new CaliperException($"'{file}' is damaged: a name in its pickle never ends.");
            line.Append((char)next);
        }
        return line.ToString();
    }

    private CaliperException Truncated() => stream.Length > _end
        ? new($"'{file}' is refused: the object structure in its pickle is larger than {MaxBytes >> 20} MiB.")
        : new($"'{file}' is truncated or damaged: its pickle ends in the middle of a value.");
}
