using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Products;

namespace Caliper.Engine.Operations;

/// <summary>A batched product of two tensors of bytes; floats or the sums result where the output is that. Operands may lie at any distances, so
/// that what a network transposes before it is looked at, not copied.</summary>
internal sealed class ProductOperation(
    string name, ByteOperand a, ByteOperand b, EngineValue output, float multiplier, byte zeroPoint, ByteRange range)
        : Operation(name, [a.Value, b.Value], output)
{
    private ByteRange _range = range;

    public override LayoutNeed Needs => LayoutNeed.Any;

    public override bool ReadsAfter(int input) => input == 0;

    public override bool TryClamp(ByteRange range)
    {
        if (Output.Type is not EngineType.Byte) return false;
        _range = _range.Then(range);
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var (left, right, result) = (StackOf(Inputs[0]), StackOf(Inputs[1]), StackOf(Output));
        var form = new ProductForm(a.Scale.ZeroPoint, b.Scale.ZeroPoint, multiplier, zeroPoint, _range, Output.Type);
        var layer = new ProductLayer(left.Rows, left.Columns, right.Columns, left.Strides, right.Strides, result.Strides, form);
        // Memory of the caller ends where its tensor does, and tiles read past it.
        var isOurs = Inputs[0].Layout.Storage.Slot < Storage.FirstExternal;
        var kernels = isOurs || factory.Kernels > KernelSet.Amx ? factory.Kernels : KernelSet.Assembled;
        return new ProductStep(left, right, result, Output.ElementSize, ProductKernels.Create(layer, factory.Resources, kernels))
        {
            Name = Name,
            Kind = $"matrix {layer.Rows}x{layer.Inner}x{layer.Columns}",
            MultiplyAdds = result.Offsets.Length * layer.MultiplyAdds,
            BytesTouched = OperandBytes(),
        };
    }

    private MatrixStack StackOf(EngineValue value)
    {
        var (layout, shape) = (value.Layout, value.Shape);
        var offsets = BatchOffsets.Of(shape, layout.Strides, Output.Shape);
        return new MatrixStack(Place.Of(layout), offsets, shape[^2], shape[^1], new MatrixStrides(layout.Strides[^2], layout.Strides[^1]));
    }
}
