@_exported import EspalierData
@_exported import EspalierEstimator
@_exported import EspalierExecutor
@_exported import EspalierFormats
@_exported import EspalierGradients
@_exported import EspalierGraph
@_exported import EspalierLayers
@_exported import EspalierResNet
