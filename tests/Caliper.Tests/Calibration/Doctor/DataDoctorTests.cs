using Caliper.Calibration;
using Caliper.Calibration.Doctor;
using Caliper.Graphs;

namespace Caliper.Tests.Calibration.Doctor;

public class DataDoctorTests
{
    [Fact]
    public void Sound_data_is_no_finding() => Assert.Empty(Patient.Examine(Network(), Samples(40)));

    [Fact]
    public void Statistics_of_another_network_are_refused()
    {
        using var model = Network();
        using var fused = model.Fuse();
        using var other = Network(seed: 2);
        using var otherFused = other.Fuse();
        var error = Assert.Throws<CaliperException>(() => DataDoctor.Examine(otherFused, Patient.Observe(fused, Samples(1))));
        Assert.StartsWith("The statistics are of another network", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_sample_and_few_samples_are_found()
    {
        Assert.Equal("No sample was observed.", Assert.Single(Patient.Examine(Network(), [])).Message);
        Assert.Equal("There are only 5 samples.", Find(Patient.Examine(Network(), Samples(5)), "few-samples").Message);
        var copies = Samples(40).Select((s, i) => (s.Name, Samples(1).First().Values));
        Assert.Equal("There is only 1 different sample among 40.", Find(Patient.Examine(Network(), copies), "few-samples").Message);
    }

    [Fact]
    public void Copies_are_named()
    {
        var samples = Samples(40).ToArray();
        var copied = samples.Append(("copy of 3", samples[3].Values)).Append(("again 3", samples[3].Values)).Append(("copy of 5", samples[5].Values));
        var found = Find(Patient.Examine(Network(), [.. copied]), "duplicate-samples");
        Assert.Equal("3 of 43 samples are copies of others: again 3 = copy of 3 = sample 03, copy of 5 = sample 05.", found.Message);
    }

    [Fact]
    public void Almost_the_same_pictures_are_named_and_different_ones_are_not()
    {
        FloatModel Model() => new TestModel().Input("x", -1, 3, 16, 16).Weights("w", 0.5f, 4, 3, 3, 3).Node("Conv", "x w", "y").Output("y").Build();
        var pictures = Patient.Pictures(40).ToArray();
        Assert.DoesNotContain(Patient.Examine(Model(), pictures), d => d.Code == "similar-samples");
        var brighter = pictures[7].Levels.Each((x, _) => (x * 1.1f) + 5);
        var found = Find(Patient.Examine(Model(), [.. pictures, ("brighter", brighter)]), "similar-samples");
        Assert.Equal("2 of 41 samples are almost the same image as another: brighter ≈ picture 007.", found.Message);
    }

    [Fact]
    public void Constant_inputs_are_named()
    {
        var blank = Enumerable.Repeat(1f, 64).ToArray();
        var found = Find(Patient.Examine(Network(), [.. Samples(40), ("blank", blank)]), "constant-input");
        Assert.Equal("1 of 41 samples holds one value throughout: blank.", found.Message);
    }

    [Fact]
    public void A_sample_that_sets_most_ranges_is_named_with_what_it_costs()
    {
        var samples = Samples(40).ToArray();
        var loud = ("loud", samples[9].Values.Select(v => v * 10).ToArray());
        var found = Find(Patient.Examine(Network(), [.. samples, loud]), "range-setters");
        Assert.StartsWith("loud sets the ranges of 3 of 3 tensors; without it these would be narrower by 8", found.Message, StringComparison.Ordinal);

        var louder = ("louder", samples[12].Values.Select(v => v * 10).ToArray());
        Assert.StartsWith("loud and louder set the ranges of 3 of 3 tensors",
            Find(Patient.Examine(Network(), [.. samples, loud, louder]), "range-setters").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_values_are_counted_where_they_begin()
    {
        var samples = Samples(40).ToArray();
        samples[0].Values[5] = float.NaN;
        Array.Fill(samples[1].Values, float.PositiveInfinity);
        var found = Find(Patient.Examine(Network(), samples), "non-finite");
        Assert.Equal("x", found.Place);
        Assert.StartsWith("1 NaN and 64 +∞ among 2,560 values, and no finite value in 1 of 40 samples; 2 tensors after it have such values too.",
            found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_no_sample_gave_a_value_is_named()
    {
        using var model = Network();
        using var fused = model.Fuse();
        var seen = Patient.Observe(fused, Samples(40));
        var tensors = seen.Tensors.Select(t => t.Key == "y" ? KeyValuePair.Create(t.Key, new ObservedTensor(null, new(), new())) : t);
        var found = Find(DataDoctor.Examine(fused, new CalibrationStatistics(seen.Fingerprint, tensors, seen.Samples)), "unreached-tensor");
        Assert.Equal(("y", "It had no value in any of 40 samples."), (found.Place, found.Message));
    }

    [Fact]
    public void Channels_that_never_change_are_named()
    {
        float[] bias = [0, -100, 0, 0, 0, -200];
        var model = new TestModel().Input("x", -1, 1, 8, 8).Weights("w", 0.5f, 6, 1, 3, 3).Constant("b", Tensor.Vector(bias))
            .Node("Conv", "x w b", "conv").Node("Relu", "conv", "y").Output("y").Build();
        var found = Find(Patient.Examine(model, Samples(40)), "dead-channels");
        Assert.Equal(("conv", "2 of 6 channels were always 0 over 40 samples: 1 and 5."), (found.Place, found.Message));
    }

    [Fact]
    public void A_bias_that_int32_cannot_hold_is_named()
    {
        var weights = Enumerable.Range(0, 27).Select(i => i < 9 ? 1e-9f * i : 0.1f * i).ToArray();
        var model = new TestModel().Input("x", -1, 1, 8, 8).Constant("w", Tensor.Of(Shape.Of(3, 1, 3, 3), weights))
            .Constant("b", Tensor.Vector(100f, 100, -1))
            .Node("Conv", "x w b", "conv").Node("Relu", "conv", "y").Output("y").Build();
        var found = Find(Patient.Examine(model, Samples(40)), "bias-overflow");
        Assert.Equal("conv", found.Place);
        Assert.StartsWith("1 of 3 channels has a bias that would overflow int32; that of channel 0 is 100, or ",
            found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_too_narrow_for_a_scale_is_named()
    {
        var found = Patient.Examine(Network(), Samples(40).Select(s => (s.Name, s.Values.Select(v => v * 1e-6f).ToArray())));
        Assert.Contains(found, d => d is { Code: "tiny-scale", Place: "x" });
    }

    [Fact]
    public void Every_finding_is_a_sentence_with_advice()
    {
        var samples = Samples(10).Select(s => (s.Name, s.Values.Select(v => v * 1e-6f).ToArray()))
            .Append(("blank", new float[64])).Append(("blank too", new float[64]));
        var found = Patient.Examine(Network(), samples);
        Assert.True(found.Length >= 3);
        Assert.All(found, d => Assert.True(d.Message.EndsWith('.') && d.Advice.EndsWith('.') && d.Place.Length > 0, d.ToString()));
    }

    private static Diagnostic Find(IEnumerable<Diagnostic> found, string code) => Assert.Single(found, d => d.Code == code);

    private static FloatModel Network(int seed = 1) => new TestModel(seed)
        .Input("x", -1, 1, 8, 8).Weights("w", 0.5f, 4, 1, 3, 3).Weights("b", 0.1f, 4)
        .Node("Conv", "x w b", "conv").Node("Relu", "conv", "relu").Weights("w2", 0.5f, 4, 4, 3, 3).Node("Conv", "relu w2", "y").Output("y").Build();

    private static IEnumerable<(string Name, float[] Values)> Samples(int count)
    {
        var random = new Random(1);
        for (var i = 0; i < count; i++)
            yield return ($"sample {i:D2}", [.. Enumerable.Range(0, 64).Select(_ => (random.NextSingle() * 2) - 1)]);
    }
}
