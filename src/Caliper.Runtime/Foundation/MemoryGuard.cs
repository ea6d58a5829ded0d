namespace Caliper;

/// <summary>Where pages that nobody may touch lie around every tensor of a session: for tests, as each tensor then takes pages of its own.</summary>
internal enum MemoryGuard
{
    /// <summary>Nowhere: tensors share memory where their lives do not meet.</summary>
    None,

    /// <summary>Every tensor ends where such a page begins.</summary>
    After,

    /// <summary>Every tensor begins where such a page ends.</summary>
    Before,
}
