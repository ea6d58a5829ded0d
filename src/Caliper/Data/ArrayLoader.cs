using System.Collections;
using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>
/// Samples in NumPy arrays, already as the network takes them: a <c>.npy</c> file for a model with one input, or a
/// <c>.npz</c> file with one array for each input, by the input's name. The first axis is the samples. An array named
/// <c>labels</c> holds class indices. Where there is one array besides the labels, its name does not matter. An array whose first axis is
/// twice, three times … as long as that of the samples has as many rows for each: a state of several layers, say. Other axes:
/// <see cref="SampleAxes"/>. One number without an axis, such as a sampling rate, is every sample's.
/// </summary>
/// <remarks>
/// Elements of type f4, i1 to i8, u1 to u8 and b1 are passed as they are; f2 and f8 become Float32. Samples are read batch
/// by batch, so that memory depends on the batch and not on the file (an array in Fortran order is turned as a whole, up to
/// 1 GiB). Big-endian and object arrays are refused.
/// </remarks>
public sealed class ArrayLoader : ILoader
{
    internal const string LabelsName = "labels";

    private readonly string _path;
    private readonly ImmutableArray<(NpyArray Array, int RowsPerSample)> _inputs;
    private readonly ImmutableArray<(string Name, Tensor Number)> _numbers;
    private readonly ImmutableArray<int>? _labels;
    private readonly BatchPlan _plan;

    private ArrayLoader(string path, ImmutableArray<(NpyArray Array, int RowsPerSample)> inputs, ImmutableArray<(string, Tensor)> numbers,
        ImmutableArray<int>? labels, BatchPlan plan) =>
        (_path, _inputs, _numbers, _labels, _plan) = (path, inputs, numbers, labels, plan);

    /// <inheritdoc/>
    public int SampleCount => _plan.SampleCount;

    /// <inheritdoc/>
    public int BatchCount => _plan.BatchCount;

    /// <inheritdoc/>
    public bool HasLabels => _labels is not null;

    /// <summary>Whether each sample of an array is all that an input takes, so that a network of a fixed batch runs one at a time.</summary>
    internal static bool HoldsWholeInputs(string path, SampleAxes axes) => FileReading.Guard(path, () =>
    {
        using var file = ArrayFile.Open(path);
        return ArraysOf(file, path, axes).Any(a => a.HoldsWholeInputs);
    });

    private static ImmutableArray<NpyArray> ArraysOf(ArrayFile file, string path, SampleAxes axes) =>
        axes.Of([.. file.Names.Select(name => NpyArray.Open(file, name))], path);

    /// <inheritdoc/>
    public IEnumerable<string> SampleNames => _plan.Indices.Select(NameOf);

    /// <summary>Whether a file that starts so is a <c>.npy</c> or <c>.npz</c> file; eight bytes are enough.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> start) => NpyHeader.IsStartOf(start) || ArrayFile.IsZip(start);

    /// <summary>Reads the headers and the labels of a file; its samples are read when the loader is enumerated.</summary>
    /// <param name="path">A <c>.npy</c> or <c>.npz</c> file, told apart by content.</param>
    /// <param name="batchSize">Samples in a batch, 1 or more; where the samples of an array have an axis of their own, it is 1.</param>
    /// <param name="selection">Which samples; null for all.</param>
    /// <param name="axes">Along which axis the samples of an array lie; null for the first of each.</param>
    /// <exception cref="CaliperException">The file is missing, damaged or truncated, has elements of another type, its
    /// arrays have different numbers of samples, or an option is out of range.</exception>
    public static ArrayLoader Open(
        string path, int batchSize, SampleSelection? selection = null, SampleAxes? axes = null) => FileReading.Guard(path, () =>
    {
        using var file = ArrayFile.Open(path);
        var arrays = ArraysOf(file, path, axes ?? SampleAxes.First);
        if (arrays.GroupBy(a => a.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new CaliperException($"'{path}' holds two arrays named '{twice.Key}'.");
        var inputs = arrays.RemoveAll(a => a.Name == LabelsName || a.IsNumber);
        if (arrays.FirstOrDefault(a => a.IsNumber && (inputs.IsEmpty || a.Name == LabelsName)) is { } lone)
            throw new CaliperException($"{lone.Place} holds no samples: it is one number, without an axis.");
        if (inputs.IsEmpty)
            throw new CaliperException($"'{path}' holds no array besides labels: there is nothing to feed a model.");
        var samples = arrays.FirstOrDefault(a => a.Name == LabelsName)?.RowCount ?? inputs.Min(a => a.SampleCount);
        var first = inputs.FirstOrDefault(a => a.SampleCount == samples) ?? arrays.First(a => a.SampleCount == samples);
        if (inputs.FirstOrDefault(a => a.SampleAxis > 0 || a.HoldsWholeInputs ? a.SampleCount != samples : a.RowCount % samples != 0) is { } other)
            throw new CaliperException($"{other.Place} has {other.SampleCount} samples. {first.Place} has {samples}.");
        // What a network mixes along its first axis, being no batch, must not lie beside other samples there.
        if (inputs.Any(i => i.HoldsWholeInputs)) batchSize = Math.Min(batchSize, 1);
        var plan = new BatchPlan(samples, batchSize, selection, $"'{path}'", forwardOnly: true);
        foreach (var input in inputs) CheckBatchFits(input, input.RowCount / samples, plan);
        var labels = arrays.FirstOrDefault(a => a.Name == LabelsName)?.ReadLabels(file);
        var numbers = arrays.Where(a => a.IsNumber).Select(a => (a.Name, a.ReadNumber(file)));
        return new ArrayLoader(path, [.. inputs.Select(i => (i, i.RowCount / samples))], [.. numbers], labels, plan);
    });

    /// <inheritdoc/>
    public IEnumerator<Batch> GetEnumerator()
    {
        using var file = ArrayFile.Open(_path);
        var readers = new List<SampleReader>();
        try
        {
            foreach (var (input, rows) in _inputs)
                readers.Add(new SampleReader(FileReading.Guard(_path, () => input.OpenElements(file)), input.BytesPerRow * rows));
            for (var i = 0; i < _plan.BatchCount; i++)
            {
                var batch = i;
                yield return FileReading.Guard(_path, () => ReadBatch(batch, readers));
            }
        }
        finally
        {
            foreach (var reader in readers) reader.Dispose();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private string NameOf(int sample) => $"{Path.GetFileName(_path)}[{sample}]";

    private Batch ReadBatch(int index, List<SampleReader> readers)
    {
        var samples = _plan[index];
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var ((input, rows), reader) in _inputs.Zip(readers))
            tensors[_inputs.Length + _numbers.Length == 1 ? "" : input.Name] = input.ToTensor(reader.Read(samples.AsSpan()), samples.Length * rows);
        foreach (var (name, number) in _numbers) tensors[name] = Batches.Join(name, [.. Enumerable.Repeat(number, samples.Length)]);
        return new Batch(
            tensors,
            _labels is { } labels ? [.. samples.Select(s => labels[s])] : null,
            [.. samples.Select(NameOf)]);
    }

    /// <summary>A tensor's elements are one .NET array.</summary>
    private static void CheckBatchFits(NpyArray input, int rows, BatchPlan plan)
    {
        var bytes = input.BytesPerRow * rows;
        var widest = Math.Max(bytes, bytes * 32 / input.Header.Type.BitsPerElement());
        if (widest > Array.MaxLength / plan.LargestBatch)
            throw new CaliperException($"{input.Place} has {bytes} bytes a sample: {plan.LargestBatch} of them "
                + "do not fit in one tensor; lower the batch size.");
    }
}
