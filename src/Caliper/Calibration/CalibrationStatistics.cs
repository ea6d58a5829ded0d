using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>
/// What calibration saw: the statistics of every tensor that could become int8, and the ledger of samples. From it every
/// range method computes its scale without any data. It can be saved, continued and merged; statistics of shards merged are
/// those of one run over all the data, byte for byte, whatever the batch size, the order or the number of threads.
/// </summary>
public sealed class CalibrationStatistics
{
    private readonly SortedDictionary<string, ObservedTensor> _tensors;
    private readonly List<ObservedSample> _samples;
    private bool _isSorted;

    internal CalibrationStatistics(byte[] model, IEnumerable<KeyValuePair<string, ObservedTensor>> tensors, IEnumerable<ObservedSample> samples)
    {
        Fingerprint = model;
        _tensors = new(StringComparer.Ordinal);
        foreach (var (name, tensor) in tensors) _tensors.Add(name, tensor);
        _samples = [.. samples];
    }

    /// <summary>The model that was observed, as 64 hexadecimal digits.</summary>
    public string Model => Convert.ToHexStringLower(Fingerprint);

    /// <summary>The tensors by name, sorted.</summary>
    public IReadOnlyDictionary<string, ObservedTensor> Tensors => _tensors;

    /// <summary>The samples that were observed, by name.</summary>
    public IReadOnlyList<ObservedSample> Samples
    {
        get
        {
            if (!_isSorted) _samples.Sort();
            _isSorted = true;
            return _samples;
        }
    }

    internal byte[] Fingerprint { get; }

    /// <summary>Reads a <c>.calib</c> file.</summary>
    /// <exception cref="CaliperException">It is missing, damaged, of another kind, or of a newer version.</exception>
    public static CalibrationStatistics Load(string path) => CalibrationFile.Read(path);

    /// <summary>Reads what a <c>.calib</c> file holds from a stream, to its end.</summary>
    /// <inheritdoc cref="Load(string)"/>
    public static CalibrationStatistics Load(Stream stream) => CalibrationFile.Parse(FileReading.All(stream), "the statistics");

    /// <summary>Reads what a <c>.calib</c> file holds from memory.</summary>
    /// <inheritdoc cref="Load(string)"/>
    public static CalibrationStatistics Load(ReadOnlySpan<byte> bytes) => CalibrationFile.Parse(bytes.ToArray(), "the statistics");

    /// <summary>Writes a <c>.calib</c> file; an existing one is replaced in one step.</summary>
    /// <exception cref="CaliperException">The file cannot be written; nothing is left behind.</exception>
    public void Save(string path) => CalibrationFile.Write(this, path);

    /// <summary>Writes what a <c>.calib</c> file holds into a stream.</summary>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ToBytes());
    }

    /// <summary>What a <c>.calib</c> file holds.</summary>
    public byte[] ToBytes() => CalibrationFile.ToBytes(this);

    /// <summary>The statistics of several parts of some data together. The parts do not change.</summary>
    /// <exception cref="CaliperException">They are of different models, or a sample is in two of them.</exception>
    public static CalibrationStatistics Merge(params IReadOnlyList<CalibrationStatistics> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0) throw new CaliperException("There are no calibration statistics to merge.");
        var merged = new CalibrationStatistics(parts[0].Fingerprint, parts[0].Tensors.Select(t =>
            KeyValuePair.Create(t.Key, new ObservedTensor(t.Value.ChannelAxis, new(), new()))), []);
        foreach (var part in parts) merged.Add(part);
        return merged;
    }

    /// <summary>Tensors that share a scale, taken as one; of a single tensor the channels are kept too.</summary>
    /// <exception cref="CaliperException">One of them was not observed.</exception>
    internal TensorStatistics Of(ImmutableArray<string> values)
    {
        var all = new TensorStatistics();
        foreach (var value in values)
        {
            var tensor = _tensors.GetValueOrDefault(value) ?? throw new CaliperException(
                $"The calibration statistics have no tensor '{value}': another version of Caliper made them; calibrate again.");
            // Tensors that share a scale may differ in their channels.
            if (values.Length == 1) all.Add(tensor.All);
            else all.AddValues(tensor.All);
        }
        return all;
    }

    internal void Add(ObservedSample sample)
    {
        _isSorted = false;
        _samples.Add(sample);
    }

    private void Add(CalibrationStatistics part)
    {
        if (!part.Fingerprint.AsSpan().SequenceEqual(Fingerprint))
            throw new CaliperException($"The statistics are of different models ({Model[..12]}… and {part.Model[..12]}…) and cannot be merged.");
        if (!part._tensors.Keys.SequenceEqual(_tensors.Keys))
            throw new CaliperException("The statistics are of different tensors, so two versions of Caliper made them; calibrate again with one.");
        var seen = Samples.ToHashSet();
        if (part._samples.Where(seen.Contains).Take(1).ToArray() is [var twice])
        {
            var others = part._samples.Count(seen.Contains) - 1;
            throw new CaliperException($"The sample '{twice.Name}'{(others > 0 ? $" and {others} more are" : " is")} in two of the parts; "
                + "merging them would count samples twice.");
        }
        foreach (var (name, tensor) in part._tensors) _tensors[name].Add(tensor);
        foreach (var sample in part._samples) Add(sample);
    }
}
