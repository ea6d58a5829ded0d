using System.Text.Json;
using Caliper.Data;
using Caliper.Files;
using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>
/// The path of a calibration: each tensor's range batch by batch. It depends on the order of the data and on the batch size,
/// so it is kept apart from <see cref="CalibrationStatistics"/>; moving averages are computed from it.
/// </summary>
public sealed class CalibrationTrace
{
    private readonly List<TracedBatch> _batches = [];

    /// <summary>The batches in the order in which they came.</summary>
    public IReadOnlyList<TracedBatch> Batches => _batches;

    /// <summary>Appends a batch.</summary>
    /// <param name="samples">Samples seen so far, this batch included.</param>
    /// <param name="ranges">What <see cref="Calibrator.Observe(Caliper.Data.Batch, CancellationToken)"/> returned.</param>
    public void Add(int samples, IReadOnlyDictionary<string, RealRange> ranges) =>
        _batches.Add(new TracedBatch(samples, ranges.ToDictionary(StringComparer.Ordinal)));

    /// <summary>Writes the trace as JSON.</summary>
    /// <exception cref="CaliperException">The file cannot be written; nothing is left behind.</exception>
    public void Save(string path) => ReplacedFile.Write(path, ToBytes());

    /// <summary>Writes the trace as JSON into a stream.</summary>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ToBytes());
    }

    /// <summary>The trace as JSON, in UTF-8.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("steps");
            foreach (var batch in _batches) Write(writer, batch);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Save(string)"/> wrote.</summary>
    /// <exception cref="CaliperException">The file is missing or is no such trace.</exception>
    public static CalibrationTrace Load(string path) => Parse(FileReading.Guard(path, () => File.ReadAllBytes(path)), $"'{path}'");

    /// <summary>Reads a trace from a stream, to its end.</summary>
    /// <exception cref="CaliperException">It is no such trace.</exception>
    public static CalibrationTrace Load(Stream stream) => Parse(FileReading.All(stream), "The trace");

    /// <summary>Reads a trace from memory.</summary>
    /// <exception cref="CaliperException">It is no such trace.</exception>
    public static CalibrationTrace Load(ReadOnlySpan<byte> bytes) => Parse(bytes.ToArray(), "The trace");

    private static CalibrationTrace Parse(byte[] bytes, string place)
    {
        var root = StrictJson.Parse(bytes, place);
        root.RequireObject();
        root.AllowOnly(["steps"]);
        var trace = new CalibrationTrace();
        if (root.Find("steps") is not { Element.ValueKind: JsonValueKind.Array } steps) throw root.Wrong("a trace with its steps");
        foreach (var (index, element) in steps.Element.EnumerateArray().Index())
        {
            var step = new StrictJson(element, $"{place}: step {index}");
            step.AllowOnly(["samples", "ranges"]);
            if (step.Find("samples") is not { } samples || step.Find("ranges") is not { } ranges)
                throw step.Wrong("an object with samples and ranges");
            trace._batches.Add(new TracedBatch(samples.Integer(), ReadRanges(ranges)));
        }
        return trace;
    }

    private static void Write(Utf8JsonWriter writer, TracedBatch batch)
    {
        writer.WriteStartObject();
        writer.WriteNumber("samples", batch.Samples);
        writer.WriteStartObject("ranges");
        foreach (var (name, (min, max)) in batch.Ranges.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            writer.WriteStartArray(name);
            writer.WriteNumberValue(min);
            writer.WriteNumberValue(max);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static Dictionary<string, RealRange> ReadRanges(StrictJson json)
    {
        json.RequireObject();
        var ranges = new Dictionary<string, RealRange>(StringComparer.Ordinal);
        foreach (var member in json.Element.EnumerateObject())
        {
            var place = new StrictJson(member.Value, $"{json.Place}: \"{member.Name}\"");
            if (member.Value.ValueKind is not JsonValueKind.Array || member.Value.GetArrayLength() != 2) throw place.Wrong("a minimum and a maximum");
            ranges[member.Name] = (new StrictJson(member.Value[0], place.Place).Number(), new StrictJson(member.Value[1], place.Place).Number());
        }
        return ranges;
    }
}

/// <summary>One batch of a trace.</summary>
/// <param name="Samples">Samples seen so far, this batch included.</param>
/// <param name="Ranges">The range of each tensor over the batch, by name.</param>
public sealed record TracedBatch(int Samples, IReadOnlyDictionary<string, RealRange> Ranges);
