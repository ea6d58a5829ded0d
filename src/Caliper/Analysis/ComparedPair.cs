using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Caliper.Analysis.Matching;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Preparation;

namespace Caliper.Analysis;

/// <summary>
/// Both networks while they are compared. Each sample is run alone, several at a time, and is looked at while it is in the processor's
/// cache: memory holds the tensors of as many samples as there are threads. The result does not depend on their number.
/// </summary>
internal sealed class ComparedPair : IDisposable
{
    private readonly ModelRunner _float, _deployed;
    private readonly ModelRunner? _local;
    private readonly ImmutableArray<Int8Tensor> _tensors;
    private readonly ErrorSums[] _sums;
    private readonly long[][] _levels;
    private readonly string[] _outputs, _deployedOutputs;
    private readonly Dictionary<string, int> _given;
    private readonly ConcurrentBag<Workspace> _idle = [];
    private readonly int _threads;
    private readonly Lock _counting = new();

    public ComparedPair(FusedModel reference, QuantizedModel candidate, Correspondence matched, ComparedOutputs compared)
    {
        _tensors = matched.Tensors;
        _given = _tensors.Index().ToDictionary(t => AnalysisGraphs.Given(t.Item), t => t.Index, StringComparer.Ordinal);
        _threads = reference.Execution.Threads;
        (string Reference, string Candidate)[] outputs = [.. compared.Judged, .. compared.Chosen];
        _outputs = [.. outputs.Select(o => o.Reference)];
        _deployedOutputs = [.. outputs.Select(o => o.Candidate)];
        // A thread has a sample of its own; within a sample there is nothing left to share.
        var execution = candidate.Execution with { Threads = 1, Backend = candidate.Execution.Int8Backend };
        _float = new ModelRunner(
            ObservedGraph.Of(reference.Model, _tensors.Select(t => t.Value).Union(_outputs)), reference.Execution with { Threads = 1 });
        _deployed = new ModelRunner(AnalysisGraphs.DeployedOf(ObservedGraph.Of(candidate.Model, _deployedOutputs), _tensors), execution);
        // Who runs the whole int8 network need not run all its layers beside each other.
        _local = AnalysisGraphs.LocalOf(candidate.Model, _tensors) is { } local
            ? new ModelRunner(local, execution with { Backend = new FallbackBackend(execution.Backend, OnnxRuntimeBackend.Instance) }) : null;
        _sums = [.. _tensors.Select(_ => new ErrorSums())];
        _levels = [.. _tensors.Select(_ => new long[256])];
    }

    /// <summary>Samples of a batch that are run together, because a network insists on it.</summary>
    public int PieceSize(Batch batch) =>
        Math.Max(1, Math.Max(_float.PieceSize(batch.Inputs, batch.Count), _deployed.PieceSize(batch.Inputs, batch.Count)));

    /// <summary>Runs both on some pieces of <see cref="PieceSize"/> samples.</summary>
    /// <returns>The outputs of the float and of the int8 network, the pieces joined.</returns>
    public (IReadOnlyDictionary<string, Tensor> Float, IReadOnlyDictionary<string, Tensor> Deployed) Update(
        IReadOnlyList<IReadOnlyDictionary<string, Tensor>> pieces, CancellationToken cancellationToken)
    {
        var sums = new ErrorSums[pieces.Count][];
        var outputs = new (Tensor[] Float, Tensor[] Deployed)[pieces.Count];
        Threads.Each(pieces.Count, _threads, i =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            (sums[i], outputs[i]) = RunPiece(pieces[i], cancellationToken);
        });
        // In their order, so that the sums have the same bits whoever took which.
        foreach (var piece in sums)
            for (var t = 0; t < piece.Length; t++) _sums[t].Add(piece[t]);
        return (Joined(_outputs, outputs.Select(o => o.Float)), Joined(_deployedOutputs, outputs.Select(o => o.Deployed)));
    }

    /// <summary>What one tensor's int8 form loses, by all samples so far.</summary>
    public TensorError ErrorOf(int index)
    {
        var (tensor, sums) = (_tensors[index], _sums[index]);
        return new TensorError(tensor.Layer, tensor.Value, tensor.Parameters)
        {
            Min = sums.Min,
            Max = sums.Max,
            Values = sums.Values,
            Below = sums.Below,
            Above = sums.Above,
            Levels = [.. _levels[index]],
            RoundingDecibels = Decibels.Of(sums.Signal, sums.RoundingNoise),
            RoundingNoise = sums.RoundingNoise,
            ClippingNoise = sums.RoundingNoise == 0 ? 0 : sums.ClippingNoise / sums.RoundingNoise,
            LocalDecibels = tensor.IsInput ? null : Decibels.Of(sums.Signal, sums.LocalNoise),
            AccumulatedDecibels = Decibels.Of(sums.Signal, sums.DeployedNoise),
            Cosine = sums.Signal == 0 || sums.DeployedSignal == 0 ? 1 : sums.Product / Math.Sqrt(sums.Signal * sums.DeployedSignal),
            MaxError = sums.MaxError,
        };
    }

    public void Dispose()
    {
        _float.Dispose();
        _deployed.Dispose();
        _local?.Dispose();
    }

    private (ErrorSums[], (Tensor[], Tensor[])) RunPiece(IReadOnlyDictionary<string, Tensor> piece, CancellationToken cancellationToken)
    {
        var work = _idle.TryTake(out var idle) ? idle : new Workspace(_tensors.Length);
        var sums = new ErrorSums[_tensors.Length];
        (Tensor[], Tensor[]) outputs = default;
        _float.Run(piece, null, (fed, floats) =>
        {
            Tensor ValueOf(Int8Tensor tensor)
            {
                var value = fed.TryGetValue(tensor.Value, out var input) ? input : floats[tensor.Value];
                return value.Type is ElementType.Float32 ? value : throw new CaliperException(
                    $"'{tensor.Layer}' gives {value} in the float model: it is no float network, or the two do not belong together.");
            }

            for (var t = 0; t < sums.Length; t++) work.Round(t, ValueOf(_tensors[t]), _tensors[t].Parameters);
            var given = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            foreach (var input in _local?.Inputs ?? [])
                given[input.Name] = _given.TryGetValue(input.Name, out var t) ? work.Rounded[t] : fed[input.Name];
            _deployed.Run(piece, null, (_, deployed) =>
            {
                if (_local is null) Look(deployed, null);
                else _local.Run(given, null, (_, local) => Look(deployed, local), cancellationToken);
            }, cancellationToken);

            void Look(IExecutionResult deployed, IExecutionResult? local)
            {
                for (var t = 0; t < sums.Length; t++)
                    sums[t] = Measure(_tensors[t], ValueOf(_tensors[t]), work.Rounded[t], deployed, local, work.Levels[t]);
                outputs = (Copies(_outputs, floats), Copies(_deployedOutputs, deployed));
            }
        }, cancellationToken);
        lock (_counting) work.MoveLevelsTo(_levels);
        _idle.Add(work);
        return (sums, outputs);
    }

    private static Tensor[] Copies(string[] names, IExecutionResult result) => [.. names.Select(n => Batches.Copy(result[n]))];

    private static ErrorSums Measure(
        Int8Tensor tensor, Tensor expected, Tensor rounded, IExecutionResult deployed, IExecutionResult? local, Span<long> levels)
    {
        var actual = deployed[tensor.Name];
        var alone = tensor.IsInput || local is null ? rounded : local[tensor.Name];
        if (expected.Count != actual.Count || expected.Count != alone.Count)
            throw new CaliperException($"'{tensor.Layer}' gives {expected} in the float model and {actual} in the int8 model: "
                + "they do not belong together.");
        ErrorScan.CountLevels(rounded.Bytes.Span, tensor.Parameters.Type, levels);
        return ErrorScan.Measure(tensor.Parameters, expected.Span<float>(), rounded.Bytes.Span, actual.Bytes.Span, alone.Bytes.Span);
    }

    private static Dictionary<string, Tensor> Joined(string[] names, IEnumerable<Tensor[]> pieces) =>
        names.Index().ToDictionary(n => n.Item, n => Batches.Join(n.Item, [.. pieces.Select(p => p[n.Index])]), StringComparer.Ordinal);

    /// <summary>Memory of one thread, used again for each piece.</summary>
    private sealed class Workspace(int tensors)
    {
        private readonly byte[][] _bytes = [.. Enumerable.Repeat(Array.Empty<byte>(), tensors)];

        /// <summary>Float values in int8.</summary>
        public Tensor[] Rounded { get; } = new Tensor[tensors];

        /// <summary>How many values fell to each level.</summary>
        public long[][] Levels { get; } = [.. Enumerable.Range(0, tensors).Select(_ => new long[256])];

        public void Round(int index, Tensor values, QuantizationParameters parameters)
        {
            if (_bytes[index].Length < values.Count) _bytes[index] = new byte[values.Count];
            if (parameters.Type.Storage is ElementType.Int8)
                Quantizer.Quantize(values.Span<float>(), MemoryMarshal.Cast<byte, sbyte>(_bytes[index].AsSpan()), parameters);
            else Quantizer.Quantize(values.Span<float>(), _bytes[index].AsSpan(), parameters);
            Rounded[index] = new Tensor(parameters.Type.Storage, values.Shape, _bytes[index].AsMemory(0, values.Count));
        }

        public void MoveLevelsTo(long[][] totals)
        {
            foreach (var (mine, total) in Levels.Zip(totals))
                for (var level = 0; level < 256; level++) total[level] += mine[level];
            foreach (var mine in Levels) Array.Clear(mine);
        }
    }
}
