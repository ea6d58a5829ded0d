using System.Buffers.Binary;
using System.Security.Cryptography;
using Caliper.Calibration;
using Caliper.Evaluation.Tests;
using Caliper.Statistics;
using CsCheck;

namespace Caliper.Tests.Calibration;

public class CalibrationFileTests
{
    private static readonly Lazy<byte[]> Bytes = new(() => CalibrationFile.ToBytes(CalibratedSample.All()));

    [Fact]
    public void What_is_saved_is_loaded()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("m.calib");
        var statistics = CalibratedSample.All();
        statistics.Save(path);
        var loaded = CalibrationStatistics.Load(path);
        Assert.Equal(Bytes.Value, File.ReadAllBytes(path));
        Assert.Equal(Bytes.Value, CalibrationFile.ToBytes(loaded));
        Assert.Equal(statistics.Samples, loaded.Samples);
        Assert.Equal(statistics.Tensors["conv1.relu"].All.Channels, loaded.Tensors["conv1.relu"].All.Channels);
        Assert.Equal(statistics.Tensors["conv1.relu"].All.Bins, loaded.Tensors["conv1.relu"].All.Bins);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_in_one_sentence()
    {
        for (var length = 0; length < Bytes.Value.Length; length = length < 200 ? length + 1 : length * 9 / 8) AssertRefused(Bytes.Value[..length]);
        AssertRefused(Bytes.Value[..^1]);
    }

    [Fact]
    public void A_changed_byte_is_noticed() => Gen.Select(Gen.Int[0, Bytes.Value.Length - 1], Gen.Int[1, 255]).Sample((at, change) =>
    {
        var bytes = Bytes.Value.ToArray();
        bytes[at] ^= (byte)change;
        AssertRefused(bytes);
    });

    [Fact]
    public void Something_after_the_end_is_noticed() => AssertRefused([.. Bytes.Value, 0]);

    [Fact]
    public void A_newer_version_says_so()
    {
        var bytes = Bytes.Value.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 2);
        Assert.Contains("newer Caliper (format 2, this one reads up to 1)", AssertRefused(Signed(bytes)), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_kind_of_file_is_named_as_such() =>
        Assert.Contains("is no calibration file", AssertRefused("version: 1\n"u8.ToArray()), StringComparison.Ordinal);

    [Fact]
    public void Nonsense_under_a_correct_checksum_neither_crashes_nor_takes_much_memory() =>
        Gen.Select(Gen.Int[16, Bytes.Value.Length - 33], Gen.Byte.Array[1, 12], Gen.Bool).Sample((at, noise, isInsertion) =>
        {
            var bytes = isInsertion ? [.. Bytes.Value[..at], .. noise, .. Bytes.Value[at..]] : Bytes.Value.ToArray();
            if (!isInsertion) noise.AsSpan(0, Math.Min(noise.Length, bytes.Length - 32 - at)).CopyTo(bytes.AsSpan(at));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                // What still makes sense may be read; it must then also be usable.
                foreach (var tensor in CalibrationFile.Parse(Signed(bytes), "m.calib").Tensors.Values) _ = tensor.All.Channels;
            }
            catch (CaliperException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L << 20);
        }, iter: 3000);

    [Fact]
    public void A_file_that_cannot_be_written_leaves_the_old_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("missing/m.calib");
        Assert.Contains("cannot be written", Assert.Throws<CaliperException>(() => CalibratedSample.All().Save(path)).Message,
            StringComparison.Ordinal);
        Assert.Contains("There is no file", Assert.Throws<CaliperException>(() => CalibrationStatistics.Load(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_is_written_and_read_back()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("t.json");
        var trace = new CalibrationTrace();
        trace.Add(8, new Dictionary<string, RealRange> { ["a"] = (-1.5f, 2), ["b"] = (0, float.MaxValue) });
        trace.Add(16, new Dictionary<string, RealRange> { ["a"] = (-2.5f, 1) });
        trace.Save(path);
        var loaded = CalibrationTrace.Load(path);
        Assert.Equal(trace.Batches.Select(s => s.Samples), loaded.Batches.Select(s => s.Samples));
        Assert.Equal(trace.Batches.Select(s => s.Ranges), loaded.Batches.Select(s => s.Ranges));
        File.WriteAllText(path, "{\"steps\": [{\"samples\": 3, \"ranges\": {\"a\": [1]}}]}");
        Assert.Contains("step 0", Assert.Throws<CaliperException>(() => CalibrationTrace.Load(path)).Message, StringComparison.Ordinal);
    }

    private static string AssertRefused(byte[] bytes)
    {
        var message = Assert.Throws<CaliperException>(() => CalibrationFile.Parse(bytes, "m.calib")).Message;
        Assert.StartsWith("'m.calib' ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static byte[] Signed(byte[] bytes)
    {
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32), bytes.AsSpan(bytes.Length - 32));
        return bytes;
    }
}
