using System.Collections.Immutable;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Analysis;

/// <summary>Both networks while they are compared.</summary>
internal sealed class ComparedPair : IDisposable
{
    private readonly ModelRunner _local, _deployed;
    private readonly ImmutableArray<Int8Tensor> _tensors;
    private readonly ErrorScan[] _scans;
    private readonly (string Reference, string Candidate)[] _outputs;
    private readonly SqnrMeter[] _sqnr;
    private readonly int _threads;

    public ComparedPair(FusedModel reference, QuantizedModel candidate, Correspondence matched)
    {
        var int8 = OpsetUpgrade.To(candidate.Model, QuantizedModel.MinimumOpset);
        if (int8.Opset != reference.Model.Opset)
            throw new CaliperException($"The float model is of opset {reference.Model.Opset} and the int8 model of opset {int8.Opset}: they were not made from the same file.");
        _tensors = matched.Tensors;
        _threads = reference.Execution.Threads;
        _local = new ModelRunner(AnalysisGraphs.LocalOf(reference.Model, int8, _tensors), reference.Execution);
        _deployed = new ModelRunner(AnalysisGraphs.DeployedOf(int8, _tensors), candidate.Execution with { Backend = candidate.Execution.Int8Backend });
        _scans = [.. _tensors.Select(t => new ErrorScan(t.Parameters))];
        _outputs = [.. reference.Outputs.Zip(candidate.Outputs).Where(o => o.First.Type is ElementType.Float32 && o.Second.Type is ElementType.Float32)
            .Select(o => (o.First.Name, o.Second.Name))];
        _sqnr = [.. _outputs.Select(_ => new SqnrMeter())];
    }

    public int FixedBatch => Math.Max(_local.FixedBatch, _deployed.FixedBatch);

    public int Samples { get; private set; }

    public ImmutableArray<OutputSqnr> Outputs => [.. _outputs.Zip(_sqnr).Select(o => new OutputSqnr(o.First.Reference, o.Second.Decibels))];

    public void Update(IReadOnlyDictionary<string, Tensor> sample, CancellationToken ct)
    {
        _local.Run(sample, null, (fed, floats) => _deployed.Run(sample, null, (_, deployed) =>
        {
            Threads.Each(_tensors.Length, _threads, i =>
            {
                var tensor = _tensors[i];
                var expected = fed.TryGetValue(tensor.Value, out var input) ? input : floats[tensor.Value];
                var actual = deployed[AnalysisGraphs.Deployed(tensor)];
                var local = tensor.IsInput ? expected : floats[AnalysisGraphs.Local(tensor)];
                if (expected.Count != actual.Count || expected.Count != local.Count)
                    throw new CaliperException($"'{tensor.Layer}' gives {expected} in the float model and {actual} in the int8 model: they do not belong together.");
                _scans[i].Update(expected.Span<float>(), actual.Span<float>(), local.Span<float>());
            });
            foreach (var ((reference, candidate), meter) in _outputs.Zip(_sqnr)) meter.Update(floats[reference].Span<float>(), deployed[candidate].Span<float>());
        }, ct), ct);
        Samples += Math.Max(1, FixedBatch);
    }

    public TensorError ErrorOf(int index)
    {
        var (tensor, scan) = (_tensors[index], _scans[index]);
        return new TensorError(tensor.Layer, tensor.Value, tensor.Parameters)
        {
            Min = scan.Min,
            Max = scan.Max,
            Values = scan.Values,
            Below = scan.Below,
            Above = scan.Above,
            Levels = [.. scan.Levels],
            RoundingDecibels = Decibels.Of(scan.Signal, scan.RoundingNoise),
            RoundingNoise = scan.RoundingNoise,
            ClippingNoise = scan.RoundingNoise == 0 ? 0 : scan.ClippingNoise / scan.RoundingNoise,
            LocalDecibels = tensor.IsInput ? null : Decibels.Of(scan.Signal, scan.LocalNoise),
            AccumulatedDecibels = Decibels.Of(scan.Signal, scan.DeployedNoise),
            Cosine = scan.Signal == 0 || scan.DeployedSignal == 0 ? 1 : scan.Product / Math.Sqrt(scan.Signal * scan.DeployedSignal),
            MaxError = scan.MaxError,
        };
    }

    public void Dispose()
    {
        _local.Dispose();
        _deployed.Dispose();
    }
}
