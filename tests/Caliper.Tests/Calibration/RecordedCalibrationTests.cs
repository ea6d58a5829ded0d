using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Observers;
using Caliper.Ranges;

namespace Caliper.Tests.Calibration;

public class RecordedCalibrationTests
{
    private static readonly Batch[] Data = [.. CalibratedSample.Batches(Enumerable.Range(0, CalibratedSample.Count), 7)];

    [Fact]
    public void No_scale_depends_on_whether_somebody_writes_and_data_flows_once()
    {
        using var model = CalibratedSample.Network();
        using var fused = model.Fuse();
        foreach (var qconfig in (QConfig[])[QConfig.Default, QConfig.Fbgemm])
        {
            using var alone = fused.Prepare(qconfig);
            Evaluator.Evaluate(alone, null, Data);
            using var watched = fused.Prepare(qconfig);
            var asked = 0;
            var result = new RecordedCalibration(watched).Evaluate(Counted());
            Assert.Equal((Data.Length, CalibratedSample.Count), (asked, result.Samples));
            Assert.Equal(alone.Observers.Select(o => o.Observer.CalculateQParams()), watched.Observers.Select(o => o.Observer.CalculateQParams()));

            IEnumerable<Batch> Counted()
            {
                foreach (var batch in Data)
                {
                    asked++;
                    yield return batch;
                }
            }
        }
    }

    [Fact]
    public void What_is_written_is_what_a_calibrator_keeps_of_the_tensors_that_observers_see()
    {
        using var model = CalibratedSample.Network();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var record = new RecordedCalibration(prepared);
        record.Evaluate(Data);
        var trace = new CalibrationTrace();
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(Data, isEnough: ranges =>
        {
            trace.Add(calibrator.Statistics.Samples.Count, ranges);
            return false;
        });
        Assert.Equal(calibrator.Statistics.Samples, record.Statistics.Samples);
        Assert.Equal(prepared.Plan.Sites.SelectMany(s => s.Observed).Order(StringComparer.Ordinal), record.Statistics.Tensors.Keys);
        foreach (var (name, tensor) in record.Statistics.Tensors) Assert.Equal(BytesOf(calibrator.Statistics.Tensors[name]), BytesOf(tensor));
        foreach (var (mine, theirs) in record.Trace.Batches.Zip(trace.Batches))
            Assert.All(mine.Ranges, r => Assert.Equal(theirs.Ranges[r.Key], r.Value));
        Assert.Equal(trace.Batches.Select(b => b.Samples), record.Trace.Batches.Select(b => b.Samples));
    }

    [Fact]
    public void Observers_cut_samples_as_statistics_do_where_the_first_axis_is_not_the_batch()
    {
        var qconfig = QConfig.Default with { Activation = ObserverSpec.Statistics(new MeanExtremesRange()) };
        using var model = new TestModel(5).Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4)
            .Node("Transpose", "a.relu", "t", n => n.With("perm", 1, 0, 2, 3)).Node("Sigmoid", "t", "s")
            .Node("Transpose", "s", "u", n => n.With("perm", 1, 0, 2, 3)).ConvBlock("b", "u", 4, 2).Output("b.relu").Build();
        using var fused = model.Fuse();
        // One sample at a time: what an axis of channels looks like must not matter.
        var single = CalibratedSample.Batches(Enumerable.Range(0, 9), 1).ToArray();
        using var observed = fused.Prepare(qconfig);
        Evaluator.Evaluate(observed, null, single);
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(single);
        using var loaded = fused.Prepare(qconfig);
        loaded.Load(calibrator.Statistics);
        Assert.Equal(loaded.Observers.Select(o => o.Observer.CalculateQParams()), observed.Observers.Select(o => o.Observer.CalculateQParams()));
    }

    private static byte[] BytesOf(ObservedTensor tensor)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        tensor.Write(writer);
        writer.Flush();
        return stream.ToArray();
    }
}
