using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

public class KernelPlanTests
{
    [Fact]
    public void A_walk_meets_every_weight_once() => Layers.Any(depthwise: false).Sample(layer =>
    {
        var walk = new KernelWalk(layer.Shape);
        Assert.Equal(walk.Quads, walk.Levels.Aggregate(1, (quads, level) => quads * level.Count));
        Assert.Equal(Enumerable.Range(0, layer.Shape.ProductsPerOutput), PackedBlocks.Order(walk).Where(i => i >= 0));
    });

    [Fact]
    public void A_depthwise_walk_meets_every_weight_once() => Layers.Any(depthwise: true).Sample(layer =>
        Assert.Equal(
            Enumerable.Range(0, layer.Shape.ProductsPerOutput),
            PackedBlocks.Order(new ColumnWalk(layer.Shape) with { OutputRows = 1 }).Where(i => i >= 0).Order()));

    [Fact]
    public void A_window_over_an_image_without_gaps_is_read_in_runs_of_rows()
    {
        var shape = new ConvolutionShape
        {
            Images = 1,
            OutputHeight = 2,
            OutputWidth = 2,
            InputChannels = 3,
            OutputChannels = 8,
            KernelHeight = 7,
            KernelWidth = 7,
            Input = new PlaneStrides(3, 30, 300),
            Output = new PlaneStrides(8, 16, 32),
        };
        // 21 bytes of a row take 6 steps of 4; pixel by pixel they would take 7.
        Assert.Equal(7 * 6, new KernelWalk(shape).Quads);
        Assert.Equal(7 * 7, new KernelWalk(shape with { Input = new PlaneStrides(4, 40, 400) }).Quads);
    }

    [Fact]
    public void Every_plan_covers_the_output_once_and_fits_the_registers() =>
        (from height in Gen.Int[1, 60]
         from width in Gen.Int[1, 130]
         from channels in Gen.Int[1, 300]
         from steps in Gen.Int[1, 600]
         from isOneRow in Gen.Bool
         from flags in Gen.Select(Gen.Bool, Gen.Bool)
         from core in Gen.Bool.Select(isIntel => isIntel ? CoreCost.Cove : CoreCost.Zen)
         select (height: isOneRow ? 1 : height, width, channels, steps, isOneRow, hasResidual: flags.Item1, mayHalve: flags.Item2, core)).Sample(c =>
        {
            var plane = new OutputPlane(1, c.height, c.width, c.isOneRow);
            var plan = TilePlan.Cheapest(plane, c.channels, new TileCost(c.steps, c.hasResidual, c.core), c.mayHalve);
            Assert.Equal(c.height * c.width, (plan.FullBands * Pixels(plan.Band)) + Pixels(plan.LastBand));
            Assert.InRange(c.channels, (16 * plan.Vectors * plan.FullBlocks) + (16 * plan.LastVectors) - 15,
                16 * (plan.Vectors * plan.FullBlocks + plan.LastVectors));
            Assert.InRange(plan.Band.Rows * plan.Band.Columns, 1, TilePlan.MaxPixels(plan.Vectors, plan.InHalves));
            Assert.InRange(plan.LastVectors, 0, plan.Vectors);
        });

    private static int Pixels(Band band) => band.Rows * (band.WideTiles * band.Columns + band.LastColumns);
}
