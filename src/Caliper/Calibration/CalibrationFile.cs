using System.Buffers.Binary;
using System.Security.Cryptography;
using Caliper.Data;
using Caliper.Files;
using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>The <c>.calib</c> format, which docs/6-file-formats.md describes. Equal statistics make equal bytes.</summary>
internal static class CalibrationFile
{
    private const uint Version = 1;
    private const int HeaderLength = 16, ChecksumLength = SHA256.HashSizeInBytes;

    // As a PNG's: a transfer as text, or one cut at a control character, shows in the first bytes.
    private static ReadOnlySpan<byte> Magic => [0x8A, (byte)'C', (byte)'A', (byte)'L', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    public static void Write(CalibrationStatistics statistics, string path) => ReplacedFile.Write(path, ToBytes(statistics));

    public static CalibrationStatistics Read(string path) => Parse(FileReading.Guard(path, () => File.ReadAllBytes(path)), path);

    public static byte[] ToBytes(CalibrationStatistics statistics)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(0);
        writer.Write(statistics.Fingerprint);
        writer.Write7BitEncodedInt(statistics.Samples.Count);
        foreach (var sample in statistics.Samples) sample.Write(writer);
        writer.Write7BitEncodedInt(statistics.Tensors.Count);
        foreach (var (name, tensor) in statistics.Tensors)
        {
            writer.Write(name);
            tensor.Write(writer);
        }
        writer.Flush();
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        writer.Flush();
        return stream.ToArray();
    }

    public static CalibrationStatistics Parse(byte[] bytes, string path)
    {
        if (!bytes.AsSpan().StartsWith(Magic))
            throw new CaliperException($"'{path}' is no calibration file; 'caliper calibrate' makes one.");
        if (bytes.Length < HeaderLength + ChecksumLength) throw Damaged(path, "it is cut short");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Magic.Length));
        if (version > Version)
            throw new CaliperException(
                $"'{path}' was written by a newer Caliper (format {version}, this one reads up to {Version}); update Caliper.");
        var content = bytes.AsSpan(0, bytes.Length - ChecksumLength);
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
            throw Damaged(path, "its checksum does not match its content");
        try
        {
            return Parse(new MemoryStream(bytes, HeaderLength, content.Length - HeaderLength));
        }
        catch (Exception error) when (error is IOException or InvalidDataException or FormatException or ArgumentException or OverflowException)
        {
            throw Damaged(path, error is InvalidDataException ? error.Message : "it ends too early");
        }
    }

    private static CalibrationStatistics Parse(MemoryStream stream)
    {
        using var reader = new BinaryReader(stream);
        var model = reader.ReadBytes(ModelFingerprint.Length);
        var samples = new List<ObservedSample>();
        for (var left = Number.Read(reader); left > 0; left--) samples.Add(ObservedSample.Read(reader));
        var tensors = new List<KeyValuePair<string, ObservedTensor>>();
        for (var left = Number.Read(reader); left > 0; left--)
            tensors.Add(KeyValuePair.Create(reader.ReadString(), ObservedTensor.Read(reader)));
        if (stream.Position != stream.Length) throw new InvalidDataException("something follows its end");
        return new CalibrationStatistics(model, tensors, samples);
    }

    private static CaliperException Damaged(string path, string how) =>
        new($"'{path}' is damaged: {how}; calibrate again, or take a copy that is whole.");
}
