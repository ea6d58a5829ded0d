namespace Caliper.Data;

/// <summary>Reads chosen samples of equal size from a stream that can only go forward, as decompression does.</summary>
internal sealed class SampleReader(Stream stream, long bytesPerSample) : IDisposable
{
    private long _next;

    /// <summary>The bytes of some samples, one after the other. Indices ascend, from call to call also.</summary>
    public byte[] Read(ReadOnlySpan<int> samples)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)(samples.Length * bytesPerSample)));
        for (var i = 0; i < samples.Length;)
        {
            // Neighbours are read at once: a sample may be only a few bytes.
            var run = 1;
            while (i + run < samples.Length && samples[i + run] == samples[i] + run) run++;
            Skip((samples[i] - _next) * bytesPerSample);
            stream.ReadExactly(bytes.AsSpan((int)(i * bytesPerSample), (int)(run * bytesPerSample)));
            _next = samples[i] + run;
            i += run;
        }
        return bytes;
    }

    public void Dispose() => stream.Dispose();

    private void Skip(long byteCount)
    {
        if (stream.CanSeek)
        {
            stream.Position += byteCount;
            return;
        }
        var scratch = new byte[Math.Min(byteCount, 1 << 16)];
        for (; byteCount > 0; byteCount -= Math.Min(byteCount, scratch.Length))
            stream.ReadExactly(scratch.AsSpan(0, (int)Math.Min(byteCount, scratch.Length)));
    }
}
