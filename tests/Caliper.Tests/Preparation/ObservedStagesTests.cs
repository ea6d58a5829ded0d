using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Preparation;
using CsCheck;

namespace Caliper.Tests.Preparation;

public class ObservedStagesTests
{
    private const int Side = 8;

    /// <summary>A network whose nodes read any values before them, as skip connections do, all of them observed.</summary>
    private static Gen<Model> Networks => Gen.Select(Gen.Int[2, 24], Gen.Int).Select((count, seed) =>
    {
        var random = new Random(seed);
        var model = new TestModel(seed).Input("x", 1, 2, Side, Side).Constant("c", Tensor.Vector([0.5f]));
        string[] values = ["x", .. Enumerable.Range(0, count).Select(i => $"v{i}")];
        for (var i = 1; i <= count; i++)
        {
            var other = random.Next(5) == 0 ? "c" : values[i - 1];
            model.Node(random.Next(3) switch { 0 => "Mul", 1 => "Sub", _ => "Add" }, $"{values[random.Next(i)]} {other}", values[i]);
        }
        return ObservedGraph.Of(model.Output(values[^1]).Build().Model, values[1..]);
    });

    [Fact]
    public void Whatever_a_stage_may_hold_each_value_is_seen_once_and_the_same() =>
        Gen.Select(Networks, Gen.Int[1, 6]).Sample((model, tensors) =>
        {
            var fed = new Dictionary<string, Tensor> { ["x"] = new TestModel(3).RandomTensor(Shape.Of(1, 2, Side, Side), 2) };
            var (whole, staged) = (Seen(model, fed, double.PositiveInfinity), Seen(model, fed, tensors * 2.0 * Side * Side * sizeof(float)));
            Assert.All(staged.Stages, values => Assert.InRange(values, 1, tensors));
            Assert.Equal(whole.Values.Keys.Order(), staged.Values.Keys.Order());
            Assert.All(whole.Values, v => Assert.Equal(v.Value, staged.Values[v.Key]));
        }, iter: 60);

    [Fact]
    public void A_branch_is_not_cut_off_from_its_If()
    {
        var model = new TestModel().Input("x", 1, Side).Input(ElementType.Boolean, "which", 1).Node("Relu", "x", "a").Node("Neg", "x", "b")
            .Conditional("if", "which", "a", "b", "y").Output("y").Build().Model;
        var fed = new Dictionary<string, Tensor>
        {
            ["x"] = new TestModel().RandomTensor(Shape.Of(1, Side), 1),
            ["which"] = new Tensor(ElementType.Boolean, Shape.Of(1), new byte[] { 1 }),
        };
        Assert.Single(Seen(ObservedGraph.Of(model, ["y"]), fed, 1).Stages);
    }

    private static (Dictionary<string, float[]> Values, List<int> Stages) Seen(Model model, Dictionary<string, Tensor> fed, double most)
    {
        using var stages = ObservedStages.Of(model, fed, new ExecutionOptions { Threads = 1 }, apart: true, most);
        var (values, counts) = (new Dictionary<string, float[]>(), new List<int>());
        stages.Run(fed, (stage, _, result) =>
        {
            string[] made = [.. model.Graph.Outputs.Select(o => o.Name).Where(stage.Makes)];
            foreach (var name in made) values.Add(name, result[name].Span<float>().ToArray());
            counts.Add(made.Length);
        }, CancellationToken.None);
        return (values, counts);
    }
}
