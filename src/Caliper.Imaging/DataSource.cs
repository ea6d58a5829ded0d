using Caliper.Data;

namespace Caliper.Imaging;

/// <summary>Opens data of any kind that Caliper reads.</summary>
public static class DataSource
{
    /// <summary>
    /// Opens a folder of images (<see cref="ImageFolder"/>), a <c>.npy</c> or <c>.npz</c> file (<see cref="ArrayLoader"/>)
    /// or an IDX file (<see cref="IdxLoader"/>), told apart by content. Batches are prepared ahead, on threads of their own.
    /// </summary>
    /// <param name="path">A folder or a file.</param>
    /// <param name="preprocessing">How pixels become a network's input; null for the defaults. Arrays are taken as they are
    /// and refuse it; an IDX file uses scale, mean and std alone.</param>
    /// <param name="batchSize">Samples in a batch, 1 or more.</param>
    /// <param name="selection">Which samples; null for all.</param>
    /// <param name="axes">Along which axis the samples of an array lie; null for the first of each, and for all other data.</param>
    /// <param name="threads">How many images are decoded at a time; null for as many as there are processors.</param>
    /// <exception cref="CaliperException">There is nothing at <paramref name="path"/>, it is of no known kind, it is
    /// damaged, or an option is out of range.</exception>
    public static ILoader Open(
        string path, Preprocessing? preprocessing, int batchSize, SampleSelection? selection = null, int? threads = null,
        SampleAxes? axes = null)
    {
        if (axes is { Said.IsEmpty: false } && !HoldsArrays(path))
            throw new CaliperException($"'{path}' holds no arrays of which an axis could be said to be that of the samples; leave that out.");
        ILoader loader = Directory.Exists(path)
            ? ImageFolder.Open(path, preprocessing ?? new(), batchSize, selection, threads)
            : OpenFile(path, preprocessing, batchSize, selection, axes);
        return new PrefetchingLoader(loader);
    }

    /// <summary>Whether it holds arrays each sample of which is all that an input takes.</summary>
    internal static bool HoldsWholeInputs(string path, SampleAxes axes) => HoldsArrays(path) && ArrayLoader.HoldsWholeInputs(path, axes);

    private static bool HoldsArrays(string path) => File.Exists(path) && ArrayLoader.Recognizes(ReadStart(path));

    private static ILoader OpenFile(string path, Preprocessing? preprocessing, int batchSize, SampleSelection? selection, SampleAxes? axes)
    {
        var start = ReadStart(path);
        if (ArrayLoader.Recognizes(start)) return preprocessing is null
            ? ArrayLoader.Open(path, batchSize, selection, axes)
            : throw new CaliperException($"'{path}' holds arrays, which are taken as they are; leave the preprocessing out.");
        if (IdxLoader.Recognizes(start))
        {
            preprocessing ??= new();
            if (preprocessing is { ShortSide: not null } or { ResizeTo: not null } or { Crop: not null })
                throw new CaliperException($"'{path}' is an IDX file, which is neither resized nor cropped; leave that out.");
            return IdxLoader.Open(path, batchSize, preprocessing.Scale, preprocessing.Mean, preprocessing.Std, selection);
        }
        var advice = start is [0x1F, 0x8B, ..] ? "it is compressed with gzip: unpack it first"
            : ImageDecoder.Recognizes(path) ? "for images, give the folder they are in"
            : "data is a folder of images, a .npy or .npz file, or an IDX file";
        throw new CaliperException($"'{path}' is no data that Caliper reads; {advice}.");
    }

    private static byte[] ReadStart(string path)
    {
        if (!File.Exists(path)) throw new CaliperException($"There is no file or folder '{path}'.");
        try
        {
            using var file = File.OpenRead(path);
            var start = new byte[8];
            return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"'{path}' cannot be read: {e.Message}", e);
        }
    }
}
