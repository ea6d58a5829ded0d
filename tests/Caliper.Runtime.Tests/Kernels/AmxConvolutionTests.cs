using Caliper.Assembly;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Tiles;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

public class AmxConvolutionTests
{
    private static void SkipWithoutTiles() => Assert.SkipUnless(TileUnit.IsSupported, $"no tiles here: {TileUnit.WhyNot}");

    [Fact]
    public void Every_convolution_has_the_bits_of_the_reference_however_it_is_cut()
    {
        SkipWithoutTiles();
        (from layer in Layers.Any(depthwise: false)
         let plans = AmxPlan.All(layer.Shape).ToArray()
         from plan in Gen.Int[0, plans.Length - 1]
         from seed in Gen.Int
         select (layer, plan: plans[plan], seed)).Sample(c =>
        {
            using var tensors = new ConvolutionCase(c.layer, c.seed, readsAhead: true);
            using var resources = new KernelResources();
            var kernel = AmxConvolution.TryCreate(c.layer, resources, c.plan)!;
            var expected = tensors.Run(ScalarConvolution.Entry.Run(c.layer, resources)!);
            Assert.Equal(expected, tensors.Run(kernel));
            Assert.Equal(expected, tensors.Run(kernel, ConvolutionCase.Piecewise));
        }, iter: 300);
    }

    [Fact]
    public void Steps_meet_every_weight_once() => Layers.Any(depthwise: false).Sample(layer =>
        Assert.Equal(Enumerable.Range(0, layer.Shape.ProductsPerOutput), TileWeights.Order(new StepWalk(layer.Shape)).Where(i => i >= 0)));

    [Fact]
    public void Steps_read_behind_a_pixel_less_than_a_tile_s_row() => Layers.Any(depthwise: false).Sample(layer =>
    {
        var shape = layer.Shape;
        var end = (shape.KernelHeight - 1L) * shape.DilationY * shape.Input.Row
            + (shape.KernelWidth - 1L) * shape.DilationX * shape.Input.Pixel + shape.InputChannels;
        Assert.InRange(new StepWalk(shape).Offsets.Max() + StepWalk.StepBytes - end, 0, ConvolutionReach.ReadsAfter - 1);
    });

    [Fact]
    public void Every_plan_stores_every_pixel_once_and_in_order() =>
        (from layer in Layers.Any(depthwise: false)
         let plans = AmxPlan.All(layer.Shape).ToArray()
         from plan in Gen.Int[0, plans.Length - 1]
         select (layer, plan: plans[plan])).Sample(c =>
        {
            var (shape, plan) = (c.layer.Shape with { Images = 1 }, c.plan);
            var table = new GroupTable(shape, plan, hasResidual: false);
            int[] offsets = [.. from y in Enumerable.Range(0, shape.OutputHeight)
                                from x in Enumerable.Range(0, shape.OutputWidth)
                                select y * shape.Output.Row + x * shape.Output.Pixel];
            var stored = new List<int>();
            for (var group = 0; group < plan.Groups; group++)
            {
                Assert.Equal(stored.Count, table.FirstPixelOf(group));
                for (var pixel = 0; pixel < plan.PixelsOfGroup; pixel++)
                {
                    var at = BitConverter.ToInt32(table.Bytes[(group * table.Layout.ByteCount + table.Layout.Output(pixel))..]);
                    if (at != GroupTable.Skipped) stored.Add(at);
                }
            }
            Assert.Equal(offsets, stored);
            Assert.Equal(offsets.Length, table.FirstPixelOf(plan.Groups));
            Assert.Equal(offsets.Length < plan.Groups * plan.PixelsOfGroup, table.HasSkipped);
        });

    [Fact]
    public void Every_row_of_a_tile_is_read_from_where_a_pixel_lies() =>
        (from layer in Layers.Any(depthwise: false)
         let plans = AmxPlan.All(layer.Shape).ToArray()
         from plan in Gen.Int[0, plans.Length - 1]
         select (layer.Shape, plan: plans[plan])).Sample(c =>
        {
            var table = new GroupTable(c.Shape, c.plan, hasResidual: false);
            var last = (c.Shape.OutputHeight - 1L) * c.Shape.StrideY * c.Shape.Input.Row
                + (c.Shape.OutputWidth - 1L) * c.Shape.StrideX * c.Shape.Input.Pixel;
            for (var group = 0; group < c.plan.Groups; group++)
                for (var tile = 0; tile < c.plan.Tiles; tile++)
                {
                    var first = BitConverter.ToInt64(table.Bytes[(group * table.Layout.ByteCount + table.Layout.Input(tile))..]);
                    Assert.InRange(first, 0, last);
                    Assert.InRange(first + (c.plan.Rows - 1L) * c.Shape.StrideX * c.Shape.Input.Pixel, 0, last);
                }
        });
}
