using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Engine.Planning;

/// <summary>
/// Holds what every step touches against the memory that its operation's operands have, before anything runs. Kernels do not
/// check their addresses: whoever misread a file, an operator or a layout is stopped here, and not by a broken process.
/// </summary>
internal static class ExtentCheck
{
    private const string Elsewhere = "Run the model with the ONNX Runtime backend (--backend onnxruntime).";

    /// <summary>The step of an operation; null where nothing is left to do.</summary>
    /// <exception cref="CaliperException">The step would leave its operands, or the operation cannot be planned.</exception>
    public static Step? CreateChecked(Operation operation, StepFactory factory)
    {
        try
        {
            if (operation.CreateStep(factory) is not { } step) return null;
            foreach (var extent in step.Extents)
            {
                var operands = extent.IsWritten ? operation.Outputs : operation.Inputs;
                if (!IsIn(extent, operands)) throw Refused(operation.Name, step.Kind, extent);
            }
            foreach (var constant in step.Constants)
                if (!constant.Fits) throw Refused(operation.Name, step.Kind, constant);
            return step.ScratchBytes >= 0 ? step : throw new OverflowException();
        }
        catch (Exception error) when (error is IndexOutOfRangeException or ArgumentException or InvalidOperationException or DivideByZeroException)
        {
            throw new CaliperException($"The int8 engine cannot plan the node '{operation.Name}': its operands do not fit each other. "
                + Elsewhere, error);
        }
    }

    private static bool IsIn(in Extent extent, EngineValue[] operands)
    {
        foreach (var operand in operands)
            if (extent.LiesIn(operand.Layout.Storage)) return true;
        return false;
    }

    /// <summary>Storages lie within the memory that is reserved for them.</summary>
    public static void CheckStorages(EngineGraph graph, PlannedMemory memory)
    {
        EngineValue[] external = [.. graph.Inputs, .. graph.Outputs];
        foreach (var operation in graph.Operations)
        {
            foreach (var value in operation.Inputs.Concat(operation.Outputs))
            {
                var storage = value.Layout.Storage;
                var available = storage.Slot switch
                {
                    Storage.Arena => memory.Arena,
                    Storage.Constants => memory.Constants,
                    // An address, held against its memory where it was given.
                    Storage.Shared => long.MaxValue,
                    var slot => BytesOf(external[slot - Storage.FirstExternal]),
                };
                if (storage.Size < 0 || storage.Start < 0 || storage.Size > available - storage.Start)
                    throw Refused(operation.Name, "tensor", Extent.Writes(new Place(storage.Slot, storage.Start), new(0, storage.Size)));
            }
        }
    }

    /// <summary>The caller passes as many bytes as the engine's tensors have.</summary>
    public static void CheckExternal(EngineValue value, Value declared)
    {
        if (declared.Shape is not { IsStatic: true } shape || declared.Type.ByteCount(shape.ElementCount) != BytesOf(value))
            throw new CaliperException($"The int8 engine cannot tell the shape of '{declared.Name}': "
                + $"the model says {declared.Shape}, but it computes {Sizes.Text(value.Shape)}.");
    }

    private static long BytesOf(EngineValue value) => (long)value.Count * value.ElementSize;

    /// <summary>A constant's elements lie within its storage.</summary>
    public static void CheckConstant(EngineValue value)
    {
        var extent = Extent.Writes(Place.Of(value.Layout), ByteSpan.Of(value.ElementSize, value.Shape, value.Layout.Strides));
        if (value.Layout.Storage.Slot != Storage.Constants || !extent.LiesIn(value.Layout.Storage)) throw Refused(value.Name, "constant", extent);
    }

    private static CaliperException Refused(string name, string kind, ConstantReach constant) => new(
        $"The int8 engine cannot run the node '{name}' ({kind}): it would read {constant.Read} bytes of its {constant.What}, which have "
        + $"{constant.Held}. {Elsewhere}");

    /// <summary>The error that a node would leave its memory.</summary>
    public static CaliperException Refused(string name, string kind, Extent extent) => new(
        $"The int8 engine cannot run the node '{name}' ({kind}): it would {(extent.IsWritten ? "write" : "read")} "
        + $"{extent.Bytes.High - extent.Bytes.Low} bytes where its tensor has fewer. {Elsewhere}");
}
