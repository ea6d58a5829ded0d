namespace Caliper.Kernels.Products;

/// <summary>The definition: what all others must equal. A unit is a row.</summary>
internal sealed unsafe class ScalarProduct : ProductKernel
{
    public static KernelEntry<ProductMaker> Entry { get; } =
        new("portable", KernelSet.Portable, Machine.Nothing, (layer, _) => new ScalarProduct(layer));

    private ScalarProduct(ProductLayer layer) : base(layer) { }

    public override string Name => "portable";

    public override int Units => Layer.Rows;

    // One row of sums.
    public override int ScratchBytes => checked(Layer.Columns * sizeof(int));

    public override void Run(in ProductOperands operands, int unitStart, int unitEnd)
    {
        var (a, b, form) = (Layer.A, Layer.B, Layer.Form);
        var sums = (int*)operands.Scratch;
        for (var row = unitStart; row < unitEnd; row++)
        {
            new Span<int>(sums, Layer.Columns).Clear();
            for (var k = 0; k < Layer.Inner; k++)
            {
                var x = operands.A[row * a.Row + k * a.Column] - form.ZeroA;
                if (x == 0) continue;
                var line = operands.B + k * b.Row;
                for (var c = 0; c < Layer.Columns; c++) sums[c] += x * (line[c * b.Column] - form.ZeroB);
            }
            ProductResult.WriteOneByOne(sums, 0, operands.Output + row * Layer.Output.Row, Layer.Output.Column, Layer.Columns, form);
        }
    }
}
