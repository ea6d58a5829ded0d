namespace Glyphs.Layers;

/// <summary>
/// Splits a batch into fixed chunks of images and works on some of them at a time. Sums over the batch are made per chunk
/// and added in the order of the chunks, so the number of threads never changes a bit of the result.
/// </summary>
internal sealed class Workers(int threads)
{
    /// <summary>Images in a chunk, the last one of a batch excepted.</summary>
    public const int ImagesPerChunk = 8;

    private readonly ParallelOptions _options = new() { MaxDegreeOfParallelism = threads };

    /// <summary>Number of threads.</summary>
    public int Threads => threads;

    /// <summary>Number of chunks that a batch is split into.</summary>
    public static int ChunksOf(int images) => (images + ImagesPerChunk - 1) / ImagesPerChunk;

    /// <summary>Calls <paramref name="work"/> with each chunk's number, first image and number of images.</summary>
    public void ForEachChunk(int images, Action<int, int, int> work)
    {
        void One(int chunk) =>
            work(chunk, chunk * ImagesPerChunk, Math.Min(ImagesPerChunk, images - chunk * ImagesPerChunk));

        var chunks = ChunksOf(images);
        if (threads == 1 || chunks == 1) for (var chunk = 0; chunk < chunks; chunk++) One(chunk);
        else Parallel.For(0, chunks, _options, One);
    }
}
