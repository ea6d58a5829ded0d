namespace Caliper.Engine.Importing;

/// <summary>What the engine can do with an operator, in some form of it: a node may have attributes or types that it refuses.</summary>
[Flags]
internal enum OperatorSupport
{
    /// <summary>It does not know the operator.</summary>
    None = 0,

    /// <summary>It computes on bytes.</summary>
    Bytes = 1,

    /// <summary>It computes on bytes where one of two operands is a constant of one element: a table then.</summary>
    BytesWithConstant = 2,

    /// <summary>It computes in float32.</summary>
    Floats = 4,

    /// <summary>It computes on integers of 16 bits, or moves them as they are.</summary>
    Words = 8,

    /// <summary>It computes on whole numbers of 32 and 64 bits or on truth values.</summary>
    WholeNumbers = 16,
}
